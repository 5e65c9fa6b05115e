import type { Logger } from '@heavylift/core';
import type { BlobStore } from '@heavylift/storage';
import { AssetSweeper } from './dispatch/index.js';
import type { JobStore } from './store/index.js';

const everyMs = 3_600_000;
const keepKeysMs = 48 * 3_600_000;

/** Every hour: removes files of runs that were not recorded, idempotency keys that nobody will send again, and old statistics. Returns how to end it. */
export function startSweeps(blobs: BlobStore, store: JobStore, logger: Logger): () => void {
  const sweeper = new AssetSweeper(blobs, store);
  const timer = setInterval(() => void sweep(sweeper, store, logger), everyMs);
  return () => clearInterval(timer);
}

async function sweep(sweeper: AssetSweeper, store: JobStore, logger: Logger): Promise<void> {
  try {
    const files = await sweeper.sweep();
    const keys = await store.forgetKeys(Date.now() - keepKeysMs);
    const statistics = await store.forgetStatistics();
    if (files + keys + statistics > 0) logger.info('swept', { files, keys, statistics });
  } catch (error) {
    logger.warn('the sweep failed; the next one tries again', { error });
  }
}
