import { longestTimeoutMs } from '@heavylift/core';
import type { BlobStore } from '@heavylift/storage';
import type { AssetRegister } from '../store/asset-register.js';

const prefix = 'assets/';
const dayMs = 86_400_000;
const batch = 500;

/**
 * Removes files that belong to nobody: a run stored them and then died, or another run of its job was recorded. Run it while events are
 * being recorded: the success of a run that still waits in the broker is what makes its files count.
 */
export class AssetSweeper {
  readonly #blobs: Pick<BlobStore, 'list' | 'remove'>;
  readonly #register: Pick<AssetRegister, 'findAssets'>;
  readonly #olderThanMs: number;

  /** Spares what is younger than `olderThanMs`. Default: a day more than the longest attempt, since it may still succeed. */
  constructor(
    blobs: Pick<BlobStore, 'list' | 'remove'>,
    register: Pick<AssetRegister, 'findAssets'>,
    options: { readonly olderThanMs?: number } = {},
  ) {
    this.#blobs = blobs;
    this.#register = register;
    this.#olderThanMs = options.olderThanMs ?? longestTimeoutMs + dayMs;
  }

  /**
   * Looks at every file once, or until the signal; says how many it removed.
   * @throws {AggregateError} at its end, when some could not be removed; the next sweep tries them again
   */
  async sweep(ended?: AbortSignal): Promise<number> {
    const before = Date.now() - this.#olderThanMs;
    const failures: unknown[] = [];
    let removed = 0;
    for await (const keys of this.#oldKeys(before, ended)) {
      const outcomes = await this.#removeUnknown(keys);
      removed += outcomes.filter(({ status }) => status === 'fulfilled').length;
      failures.push(...outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])));
    }
    if (failures.length > 0)
      throw new AggregateError(
        failures,
        `${failures.length} files that belong to nobody could not be removed`,
      );
    return removed;
  }

  async *#oldKeys(before: number, ended: AbortSignal | undefined): AsyncIterable<string[]> {
    let keys: string[] = [];
    for await (const { key, modifiedAt } of this.#blobs.list(prefix)) {
      if (ended?.aborted) return;
      if (modifiedAt.getTime() >= before) continue;
      keys.push(key);
      if (keys.length < batch) continue;
      yield keys;
      keys = [];
    }
    if (keys.length > 0) yield keys;
  }

  async #removeUnknown(keys: readonly string[]): Promise<PromiseSettledResult<void>[]> {
    const known = await this.#register.findAssets(keys.map(assetId));
    const unknown = keys.filter((key) => !known.has(assetId(key)));
    return Promise.allSettled(unknown.map((key) => this.#blobs.remove(key)));
  }
}

function assetId(key: string): string {
  return key.slice(prefix.length).split('/')[0]!;
}
