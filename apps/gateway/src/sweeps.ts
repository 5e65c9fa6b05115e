import type { Logger } from '@heavylift/core';
import type { BlobStore } from '@heavylift/storage';
import { AssetSweeper } from './dispatch/index.js';
import type { JobStore } from './store/index.js';
import type { WorkerRegister } from './workers/worker-register.js';

const everyMs = 3_600_000;
const keepKeysMs = 48 * 3_600_000;
const keepAuditMs = 366 * 24 * 3_600_000;

export interface Swept {
  readonly blobs: BlobStore;
  readonly store: JobStore;
  readonly workers: Pick<WorkerRegister, 'forget'>;
  readonly logger: Logger;
}

/**
 * Every hour: removes files of runs that were not recorded, idempotency keys that nobody will send again, workers that are long gone, old statistics,
 * and what the audit trail need not keep. Returns how to end it.
 */
export function startSweeps(swept: Swept): () => void {
  const sweeper = new AssetSweeper(swept.blobs, swept.store);
  const timer = setInterval(() => void sweep(sweeper, swept), everyMs);
  return () => clearInterval(timer);
}

async function sweep(sweeper: AssetSweeper, { store, workers, logger }: Swept): Promise<void> {
  try {
    const files = await sweeper.sweep();
    const keys = await store.forgetKeys(Date.now() - keepKeysMs);
    const gone = await workers.forget();
    const noted = await store.control.forgetAudit(new Date(Date.now() - keepAuditMs).toISOString());
    const statistics = await store.forgetStatistics();
    if (files + keys + gone + noted + statistics > 0)
      logger.info('swept', { files, keys, workers: gone, audit: noted, statistics });
  } catch (error) {
    logger.warn('the sweep failed; the next one tries again', { error });
  }
}
