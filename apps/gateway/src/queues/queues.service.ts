import type { Transport } from '@heavylift/core';
import type { AuditTrail } from '../audit/audit-trail.js';
import { Problem } from '../problems/problem.js';
import type { ControlStore, QueueSettings } from '../store/index.js';
import { does, isTaking, type SeenWorker } from '../workers/worker-register.js';
import { depthsOf } from './queue-depths.js';
import type { QueueOrders } from './queue-orders.js';
import type { QueuePurge } from './queue-purge.js';
import { queueView, type QueueView } from './queue-view.js';

export interface QueuesServiceOptions {
  readonly jobTypes: readonly string[];
  readonly store: Pick<ControlStore, 'queueSettings' | 'changeQueue' | 'tally' | 'waiting'>;
  readonly transport: Pick<Transport, 'inspect'>;
  readonly workers: () => Promise<readonly SeenWorker[]>;
  readonly orders: Pick<QueueOrders, 'tell'>;
  readonly purge: Pick<QueuePurge, 'purge'>;
  readonly audit: AuditTrail;
}

/** Shows the queues, and changes what holds for them. */
export class QueuesService {
  readonly #options: QueuesServiceOptions;

  constructor(options: QueuesServiceOptions) {
    this.#options = options;
  }

  async list(): Promise<{ items: QueueView[]; broker: 'up' | 'away' }> {
    return this.#view(this.#options.jobTypes);
  }

  /** @throws {Problem} 404 */
  async get(name: string): Promise<QueueView> {
    this.#assertKnown(name);
    const { items } = await this.#view([name]);
    return items[0]!;
  }

  /** @throws {Problem} 404 */
  pause(name: string, who: string): Promise<QueueView> {
    return this.#change(name, { paused: true }, { who, action: 'queue.pause' });
  }

  /** @throws {Problem} 404 */
  resume(name: string, who: string): Promise<QueueView> {
    return this.#change(name, { paused: false }, { who, action: 'queue.resume' });
  }

  /** @throws {Problem} 404 */
  setRate(name: string, perMinute: number | null, who: string): Promise<QueueView> {
    return this.#change(name, { perMinute }, { who, action: 'queue.rate', detail: { perMinute } });
  }

  /** @throws {Problem} 404; 422 when `confirm` is not the queue's name */
  async purge(name: string, confirm: string, who: string): Promise<{ cancelled: number }> {
    this.#assertKnown(name);
    if (confirm !== name)
      throw new Problem(
        422,
        'queue.unconfirmed',
        `confirm must be "${name}", the name of the queue to purge`,
        {
          errors: [{ path: 'confirm', message: `must be "${name}"` }],
        },
      );
    const cancelled = await this.#options.purge.purge(name);
    await this.#options.audit.note(who, 'queue.purge', name, { cancelled });
    return { cancelled };
  }

  /** Whether workers of the type are there, may start any number of its jobs, and have none in hand: nothing would wait then. */
  async isIdle(jobType: string): Promise<boolean> {
    const settings = (await this.#options.store.queueSettings()).find(({ name }) => name === jobType);
    if (settings?.paused || (settings && settings.perMinute !== null)) return false;
    const workers = (await this.#options.workers()).filter(isTaking).filter(does(jobType));
    return workers.length > 0 && workers.every(({ presence }) => presence.busy === 0);
  }

  async #change(
    name: string,
    change: Partial<Omit<QueueSettings, 'name'>>,
    done: { readonly who: string; readonly action: string; readonly detail?: Record<string, unknown> },
  ): Promise<QueueView> {
    this.#assertKnown(name);
    const { audit, store, orders } = this.#options;
    await audit.note(done.who, done.action, name, done.detail);
    await store.changeQueue(name, change);
    // What counts is stored; a broker that is away is told later.
    void orders.tell();
    return this.get(name);
  }

  async #view(names: readonly string[]): Promise<{ items: QueueView[]; broker: 'up' | 'away' }> {
    const { transport, store, workers } = this.#options;
    const [depths, settings, fleet] = await Promise.all([
      depthsOf(transport, names),
      store.queueSettings(),
      workers(),
    ]);
    const settingsOf = (name: string): QueueSettings =>
      settings.find((each) => each.name === name) ?? { name, paused: false, perMinute: null };
    const view = async (name: string): Promise<QueueView> => {
      const ofBroker = depths?.get(name);
      const [tally, lanes] = await Promise.all([store.tally(name), ofBroker?.ready ?? store.waiting(name)]);
      return queueView({ settings: settingsOf(name), tally, lanes, depths: ofBroker, fleet }, Date.now());
    };
    return { items: await Promise.all(names.map(view)), broker: depths ? 'up' : 'away' };
  }

  #assertKnown(name: string): void {
    const { jobTypes } = this.#options;
    if (!jobTypes.includes(name))
      throw new Problem(
        404,
        'queue.not_found',
        `there is no queue "${name}"; there are ${jobTypes.join(', ')}`,
      );
  }
}
