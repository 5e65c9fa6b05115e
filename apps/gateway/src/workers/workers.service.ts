import { randomUUID } from 'node:crypto';
import type { Signal, Steering } from '@heavylift/core';
import type { AuditTrail } from '../audit/audit-trail.js';
import { Problem } from '../problems/problem.js';
import type { SeenWorker, WorkerRegister } from './worker-register.js';

export interface WorkersServiceOptions {
  readonly register: WorkerRegister;
  readonly audit: AuditTrail;
  /** Rejects when nobody can be told now. */
  readonly send: (signal: Signal) => Promise<void>;
}

const followsWithinMs = 2_000;

/** Shows the workers, and tells single ones what to do. */
export class WorkersService {
  readonly #options: WorkersServiceOptions;

  constructor(options: WorkersServiceOptions) {
    this.#options = options;
  }

  list(): Promise<SeenWorker[]> {
    return this.#options.register.all();
  }

  /**
   * Tells a worker, and waits two seconds for its word that it follows.
   * @throws {Problem} 404; 409 when it is gone; 503 when it cannot be told
   */
  async steer(name: string, to: Steering, who: string): Promise<{ worker: SeenWorker; followed: boolean }> {
    const { register, audit } = this.#options;
    const worker = await this.#find(name);
    if (worker.status === 'lost' || worker.status === 'stopped')
      throw new Problem(
        409,
        `worker.${worker.status}`,
        `the worker "${name}" is ${worker.status}; nobody hears`,
      );
    const { do: action, ...detail } = to;
    await audit.note(who, `worker.${action}`, name, detail);
    const order = randomUUID();
    const follows = register.follows(name, order, followsWithinMs);
    await this.#send({ kind: 'steer', worker: name, order, to });
    const followed = await follows;
    return { worker: await this.#find(name), followed };
  }

  async #find(name: string): Promise<SeenWorker> {
    const worker = await this.#options.register.get(name);
    if (!worker) throw new Problem(404, 'worker.not_found', `there is no worker "${name}"`);
    return worker;
  }

  async #send(signal: Signal): Promise<void> {
    try {
      await this.#options.send(signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Problem(503, 'broker.away', `the worker cannot be told now: ${why}; try again later`);
    }
  }
}
