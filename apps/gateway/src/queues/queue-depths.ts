import { laneOf, priorities, type Priority, type Transport } from '@heavylift/core';

/** What the broker says of one job type. */
export interface QueueDepths {
  /** Waiting for a worker, by lane. */
  readonly ready: Readonly<Record<Priority, number>>;
  /** Absent where the broker cannot know. */
  readonly inFlight?: number;
  readonly deadLettered: number;
}

const withinMs = 2_000;

/** Asks the broker, for two seconds at most; `undefined` when it is away. */
export async function depthsOf(
  transport: Pick<Transport, 'inspect'>,
  jobTypes: readonly string[],
): Promise<ReadonlyMap<string, QueueDepths> | undefined> {
  const asked = Promise.all(
    jobTypes.map(async (name) => [name, await depthsOfOne(transport, name)] as const),
  ).then(
    (found) => new Map(found),
    () => undefined,
  );
  return within(asked);
}

/** Asks whether the broker can be used, for two seconds at most. */
export function canBeUsed(transport: Pick<Transport, 'check'>): Promise<boolean> {
  const asked = transport.check().then(
    () => true,
    () => undefined,
  );
  return within(asked).then((there) => there === true);
}

async function depthsOfOne(transport: Pick<Transport, 'inspect'>, jobType: string): Promise<QueueDepths> {
  const lanes = await Promise.all(priorities.map((priority) => transport.inspect(laneOf(jobType, priority))));
  const ready = Object.fromEntries(priorities.map((priority, i) => [priority, lanes[i]!.ready]));
  const inFlight = lanes.map((lane) => lane.inFlight).filter((count) => count !== undefined);
  return {
    ready: ready as Record<Priority, number>,
    // All lanes keep their dead letters in one place.
    deadLettered: lanes[0]!.deadLettered,
    ...(inFlight.length === lanes.length
      ? { inFlight: inFlight.reduce((sum, count) => sum + count, 0) }
      : {}),
  };
}

async function within<T>(asked: Promise<T | undefined>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), withinMs)));
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
