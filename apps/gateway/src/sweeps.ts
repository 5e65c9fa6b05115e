import { type Logger, pause } from '@heavylift/core';
import type { BlobStore } from '@heavylift/storage';
import { AssetSweeper, JobExpiry } from './dispatch/index.js';
import type { JobStore } from './store/index.js';
import type { WorkerRegister } from './workers/worker-register.js';

/** Soon, since a gateway may never run for an hour; not at once, since at its start it has better to do. */
const firstAfterMs = 60_000;
const everyMs = 3_600_000;
const keepKeysMs = 48 * 3_600_000;
const keepAuditMs = 366 * 24 * 3_600_000;

export interface Swept {
  readonly blobs: BlobStore;
  readonly store: JobStore;
  readonly workers: Pick<WorkerRegister, 'forget'>;
  /** How long jobs are kept after their end; 0 keeps all. */
  readonly retentionDays: number;
  readonly logger: Logger;
}

/**
 * A minute after the start, and then every hour: removes jobs that have expired, files that belong to nobody, idempotency keys that nobody will send again,
 * workers that are long gone, old statistics, and what the audit trail need not keep. Returns how to end it; that resolves once nothing is under way.
 */
export function startSweeps(
  swept: Swept,
  times: { readonly firstAfterMs: number; readonly everyMs: number } = { firstAfterMs, everyMs },
): () => Promise<void> {
  const ended = new AbortController();
  const sweeping = sweepOn(swept, times, ended.signal);
  return async () => {
    ended.abort();
    await sweeping;
  };
}

async function sweepOn(
  swept: Swept,
  times: { readonly firstAfterMs: number; readonly everyMs: number },
  ended: AbortSignal,
): Promise<void> {
  const sweeper = new AssetSweeper(swept.blobs, swept.store);
  const expiry = new JobExpiry(swept.store, { days: swept.retentionDays });
  await pause(times.firstAfterMs, ended);
  while (!ended.aborted) {
    await sweep({ sweeper, expiry, ended }, swept);
    await pause(times.everyMs, ended);
  }
}

interface Sweeping {
  readonly sweeper: AssetSweeper;
  readonly expiry: JobExpiry;
  readonly ended: AbortSignal;
}

async function sweep({ sweeper, expiry, ended }: Sweeping, { store, workers, logger }: Swept): Promise<void> {
  try {
    const jobs = await expiry.sweep(ended);
    const files = await sweeper.sweep(ended);
    if (ended.aborted) return;
    const keys = await store.forgetKeys(Date.now() - keepKeysMs);
    const gone = await workers.forget();
    const noted = await store.control.forgetAudit(new Date(Date.now() - keepAuditMs).toISOString());
    const statistics = await store.forgetStatistics();
    if (jobs + files + keys + gone + noted + statistics > 0)
      logger.info('swept', { jobs, files, keys, workers: gone, audit: noted, statistics });
  } catch (error) {
    logger.warn('the sweep failed; the next one tries again', { error });
  }
}
