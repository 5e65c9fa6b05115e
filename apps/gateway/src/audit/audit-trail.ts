import { newId } from '@heavylift/nestjs';
import type { AuditEntry, ControlStore } from '../store/index.js';

/** Keeps who did what. */
export class AuditTrail {
  readonly #store: Pick<ControlStore, 'addAudit' | 'audit'>;

  constructor(store: Pick<ControlStore, 'addAudit' | 'audit'>) {
    this.#store = store;
  }

  /** Resolves once it is stored. `action` is like `queue.pause`, `target` what it was done to. */
  async note(who: string, action: string, target: string, detail: AuditEntry['detail'] = {}): Promise<void> {
    await this.#store.addAudit({ id: newId(), at: new Date().toISOString(), who, action, target, detail });
  }

  /** Newest first; only entries older than the one with id `before`. */
  list(page: { readonly before?: string; readonly limit: number }): Promise<AuditEntry[]> {
    return this.#store.audit(page);
  }
}
