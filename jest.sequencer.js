import Sequencer from '@jest/test-sequencer';

/** The specs that take longest, first: they wait more than they work, and one of them begun last would be waited for alone. */
const longest = [
  'test/system/broker-deaths',
  'test/chaos/chaos.spec',
  'test/system/cluster',
  'test/system/lost-workers',
  'test/system/handlers',
  'custody.spec',
  'test/simulation',
  'rabbitmq-transport.spec',
  'test/system',
  'libs/transport',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => longest.findIndex((part) => path.includes(part)) + 1 || longest.length + 1;
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
}
