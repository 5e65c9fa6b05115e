import { LinePair } from './harness/line-pair.ts';
import { type Contestant, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';

/** How the bare client of a broker is called. */
const bare = { rabbitmq: 'amqplib', nats: 'nats' } as const;

export const scenario: Scenario = {
  about:
    'What an adapter costs over the bare client of its broker. One process sends, another handles 50 messages at a time; a message has 250 bytes, is kept on disk and confirmed. With three lanes: as a worker consumes, from the queues of all priorities.',
  measures: { send: perSecond, drain: perSecond, both: perSecond },
  warmsUp: true,
  open: async (stage) => {
    const { broker } = stage;
    const ours = await contestant(stage, 'heavylift', { file: 'transport.ts' });
    const lanes = await contestant(stage, 'heavylift, three lanes', { file: 'transport.ts', lanes: 'yes' });
    if (broker === 'embedded') return [ours, lanes];
    return [ours, await contestant(stage, bare[broker], { file: `${bare[broker]}.ts` }), lanes];
  },
};

async function contestant(
  stage: Stage,
  name: string,
  { file, lanes }: { readonly file: string; readonly lanes?: string },
): Promise<Contestant> {
  const env = { BROKER_URL: await stage.brokerUrl(), ...(lanes ? { LANES: lanes } : {}) };
  const alone = stage.broker === 'embedded';
  const pair = await LinePair.open({ file, env, alone, count: stage.pick(50_000, 500) });
  return { name, round: () => pair.figures(), close: () => pair.close() };
}
