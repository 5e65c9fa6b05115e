import Sequencer from '@jest/test-sequencer';

/**
 * The specs that take longest, first: they wait more than they work, and one of them begun last would be waited for alone.
 * Beside the clusters, which elect leaders against the clock, those that work least.
 */
const longest = [
  'test/system/cluster',
  'test/system/lost-workers',
  'custody.spec',
  'test/chaos/chaos.spec',
  'test/system/broker-deaths',
  'test/system/batch',
  'test/system/operator-page',
  'rabbitmq-transport.spec',
  'nats-transport.spec',
  'test/simulation',
  'test/bench',
  'test/system',
  'libs/transport',
  'libs/test-servers',
  'ffmpeg.spec',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => longest.findIndex((part) => path.includes(part)) + 1 || longest.length + 1;
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
}
