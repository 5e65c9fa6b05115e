import { LinePair } from './harness/line-pair.ts';
import { type Contestant, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';

export const scenario: Scenario = {
  about:
    'What a handler costs when nothing is tracked: through the worker kit (guards, pipes, validation and time limits are there, no event is told), beside the transport of Nest itself, which always runs on RabbitMQ. One process sends, another runs 50 at a time.',
  measures: { send: perSecond, drain: perSecond, both: perSecond },
  warmsUp: true,
  open: async (stage) => {
    const ours = await contestant(stage, 'heavylift', 'kit.ts', await stage.brokerUrl());
    return [ours, await contestant(stage, 'Nest RMQ', 'nest-rmq.ts', await stage.rabbitmqUrl())];
  },
};

async function contestant(stage: Stage, name: string, file: string, url: string): Promise<Contestant> {
  const count = stage.pick(20_000, 300);
  const pair = await LinePair.open({ file, env: { BROKER_URL: url }, alone: url === 'embedded:', count });
  return { name, round: () => pair.figures(), close: () => pair.close() };
}
