import { randomUUID } from 'node:crypto';
import type { JobEvent, Logger, Signal, Transport } from '@heavylift/core';
import { AuditTrail } from './audit/audit-trail.js';
import { SignalDesk } from './dispatch/index.js';
import { JobWhy } from './jobs/job-why.js';
import { QueueOrders } from './queues/queue-orders.js';
import { QueuePurge } from './queues/queue-purge.js';
import { QueuesService } from './queues/queues.service.js';
import type { JobStore } from './store/index.js';
import { WorkerRegister } from './workers/worker-register.js';
import { WorkersService } from './workers/workers.service.js';

export interface ControlOptions {
  readonly store: JobStore;
  readonly transport: Transport;
  /** Names this process. */
  readonly name: string;
  readonly jobTypes: readonly string[];
  readonly logger: Logger;
  /** Records events that the gateway itself makes; answers with the jobs that got one. */
  readonly record: (events: readonly JobEvent[]) => Promise<readonly string[]>;
  /** Hears when a worker came, went, or takes jobs or takes none from now on. */
  readonly onFleetChange: () => void;
}

/** What an operator sees and steers with, and the line to the workers that it hangs on. */
export interface Control {
  readonly desk: SignalDesk;
  readonly register: WorkerRegister;
  readonly orders: QueueOrders;
  readonly purge: QueuePurge;
  readonly audit: AuditTrail;
  readonly whys: JobWhy;
  readonly queues: QueuesService;
  readonly workers: WorkersService;
}

export function createControl(options: ControlOptions): Control {
  const { store, transport, name, jobTypes, logger, record } = options;
  const desk: SignalDesk = new SignalDesk({
    store,
    name,
    logger,
    newId: randomUUID,
    tellOrders: () => orders.tell(),
    onPresent: (worker) => register.hear(worker),
  });
  const register: WorkerRegister = new WorkerRegister({
    store: store.control,
    logger,
    onFleetChange: () => {
      void orders.tell();
      options.onFleetChange();
    },
  });
  const audit = new AuditTrail(store.control);
  const shared = {
    transport,
    logger,
    audit,
    workers: () => register.all(),
    send: (signal: Signal) => desk.send(signal),
  };
  const orders: QueueOrders = new QueueOrders({ ...shared, store: store.control });
  const purge = new QueuePurge({ ...shared, store, record, tellEnded: (jobs) => desk.tellEnded(jobs) });
  return {
    desk,
    register,
    orders,
    purge,
    audit,
    whys: new JobWhy({ ...shared, store }),
    queues: new QueuesService({ ...shared, store: store.control, jobTypes, orders, purge }),
    workers: new WorkersService({ ...shared, register }),
  };
}
