import { fold, type JobEvent, type JobState, type PublishedEvent, type Recorded } from '@heavylift/core';
import type { Projected } from '../../apps/gateway/src/store/job-store.js';
import type { Outgoing } from '../../apps/gateway/src/store/outbox.js';
import { MemoryStore } from './memory-store.js';
import { type Pieces, sound } from './pieces.js';
import type { Scenario, WorldKind } from './scenario.js';
import { followSettlement, keepWhatFollows, letGo, type Settling } from './settling.js';

/** A broken product, and the kinds or points of faults without which it would not show. */
export interface Variant {
  readonly pieces: Pieces;
  readonly corner: readonly string[];
  /** Default: `broker` and `embedded` in turn. */
  readonly kinds?: readonly WorldKind[];
  /** A world in which it shows; default: seeds are played until one shows it. */
  readonly scenario?: Scenario;
}

/** A worker drains in the middle of a job, and cannot tell that it hands it back. */
const drainedUnheard: Scenario = {
  seed: 1,
  kind: 'broker',
  workers: 1,
  slots: 1,
  gateways: 1,
  dropsCopies: true,
  retriesItself: false,
  ordered: true,
  jobs: [
    {
      id: 'job-1',
      kind: 'succeeds',
      fails: 0,
      stubborn: false,
      durationMs: 8_000,
      maxAttempts: 3,
      submitAtMs: 100,
      delayMs: 0,
    },
  ],
  faults: [
    { kind: 'drain', atMs: 2_000, ms: 400, target: 1 },
    ...[2, 3, 4, 5, 6].map((nth) => ({ kind: 'requestLost', point: 'publish', nth, ms: 0 }) as const),
  ],
};

/** Each breaks one rule that the guarantees stand on. The checks must notice every one. */
export const brokenVariants: Readonly<Record<string, Variant>> = {
  'the fold takes events in whatever order they come': variant({ fold: withoutOrder }),
  'the fold lets a late failure replace a success': variant({ fold: failureWins }),
  'the fold lets a second success replace the first': variant({ fold: lastSuccessWins }),
  'the outbox notes a sending before it is confirmed': variant({
    sending: (send) => async (message, options) => unattended(send(message, options)),
  }),
  'the outbox forgets what it took when its process dies': store(
    class extends MemoryStore {
      override async takeUndispatched(keeper: string, limit: number, leaseMs: number): Promise<Outgoing[]> {
        const taken = await super.takeUndispatched(keeper, limit, leaseMs);
        await this.markDispatched(
          taken.map(({ job }) => job.id),
          keeper,
        );
        return taken;
      }
    },
  ),
  'the outbox does not send again what a memory that is gone held': store(
    class extends MemoryStore {
      override async adopt(): Promise<number> {
        return 0;
      }
    },
  ),
  'nobody looks for what a broker has lost': {
    ...store(
      class extends MemoryStore {
        override async sendAgain(): Promise<number> {
          return 0;
        }
      },
    ),
    kinds: ['blank'],
  },
  'a job is accepted before it is stored': store(
    class extends MemoryStore {
      override async accept(...accepting: Parameters<MemoryStore['accept']>): Promise<void> {
        setTimeout(() => unattended(super.accept(...accepting)), 3_000);
      }
    },
  ),
  'an event that comes twice is recorded twice': store(
    class extends MemoryStore {
      protected override isRecorded(): boolean {
        return false;
      }
    },
  ),
  'what comes after the end is told as if it were the end': store(
    class extends MemoryStore {
      protected override recorded(state: JobState, event: JobEvent): Recorded | undefined {
        const recorded = super.recorded(state, event);
        return recorded?.event.late ? { state: recorded.state, event } : recorded;
      }
    },
  ),
  'every success brings its files, the one that counts or not': store(
    class extends MemoryStore {
      override async project(events: readonly JobEvent[]): Promise<Projected> {
        for (const event of events) if (event.kind === 'succeeded') this.addAssets(event);
        return super.project(events);
      }
    },
  ),
  'events are acknowledged before they are stored': variant({
    listening: (listener) => async (events) => unattended(listener(events)),
  }),
  'a delivery is settled before its outcome is told': variant(
    {
      telling: (publish) => async (event) => (isOutcome(event) ? unattended(publish(event)) : publish(event)),
    },
    ['publish'],
  ),
  'a job that was handed over before begins again before its start is safe': variant({
    telling: (publish) => async (event, options) =>
      options?.outlives ? unattended(publish(event, options)) : publish(event),
  }),
  'a retry lets go of the job before its copy is safe': variant({ settle: letGoFirst('retry') }, ['copy']),
  'a release lets go of the job before its copy is safe': variant({ settle: letGoFirst('release') }, [
    'drain',
    'copy',
  ]),
  'a dead letter is let go before it is kept': variant({ settle: letGoFirst('deadLetter') }),
  'a process that throws completes its job': {
    ...variant({ afterThrow: { kind: 'complete' } }),
    scenario: drainedUnheard,
  },
  'a release costs an attempt': variant(
    {
      settle: (settling, settlement) =>
        followSettlement(
          settling,
          settlement.kind === 'release' ? { ...settlement, kind: 'retry', delayMs: 0 } : settlement,
        ),
    },
    ['drain'],
  ),
};

function variant(broken: Partial<Pieces>, corner: readonly string[] = []): Variant {
  return { pieces: { ...sound, ...broken }, corner };
}

function store(type: typeof MemoryStore): Variant {
  return variant({ openStore: async (now, folding) => new type(now, folding) });
}

const unplaced = { attempt: -1, release: 0, rank: -1 };

function withoutOrder(state: JobState, event: JobEvent): JobState {
  return fold({ ...state, ...unplaced }, event);
}

function failureWins(state: JobState, event: JobEvent): JobState {
  const overruled = state.status === 'succeeded' && event.kind === 'failed';
  return fold(overruled ? { ...state, ...unplaced, status: 'running' } : state, event);
}

function lastSuccessWins(state: JobState, event: JobEvent): JobState {
  const overruled = state.status === 'succeeded' && event.kind === 'succeeded';
  return fold(overruled ? { ...state, status: 'running' } : state, event);
}

function letGoFirst(kind: 'retry' | 'release' | 'deadLetter'): Pieces['settle'] {
  return async (settling: Settling, settlement) => {
    if (settlement.kind !== kind) return followSettlement(settling, settlement);
    await letGo(settling);
    await keepWhatFollows(settling, settlement);
  };
}

function isOutcome({ kind }: PublishedEvent): boolean {
  return kind !== 'started' && kind !== 'progressed' && kind !== 'logged';
}

/** The very fault: nobody waits for it, and nobody hears that it failed. */
function unattended(work: Promise<unknown>): void {
  work.catch(() => undefined);
}
