import { type NatsServer, type RabbitmqServer, waitUntil } from '@heavylift/test-servers';
import { AckPolicy, connect, type JetStreamManager, type NatsConnection, StorageType } from 'nats';
import type { BreakableSystem, RealBroker } from './breakable-system.js';

/** What an operator does to a broker: by its own tools, over the heads of its clients. */
export interface Operator {
  /** Every client is thrown out at once. */
  closeAllConnections(): Promise<void>;
  /** From now on the broker has no room for another message. */
  takeAwayRoom(): Promise<void>;
  giveRoom(): Promise<void>;
  /** Puts something in the place of a queue that no worker can use. */
  spoilQueue(queue: string): Promise<void>;
  removeSpoiledQueue(queue: string): Promise<void>;
}

export function operatorOf(broker: RealBroker, { server }: BreakableSystem): Operator {
  return broker === 'rabbitmq'
    ? new RabbitmqOperator(server as RabbitmqServer)
    : new NatsOperator(server as NatsServer);
}

class RabbitmqOperator implements Operator {
  readonly #server: RabbitmqServer;

  constructor(server: RabbitmqServer) {
    this.#server = server;
  }

  async closeAllConnections(): Promise<void> {
    await this.#server.ctl('close_all_connections', 'closed by the operator');
  }

  async takeAwayRoom(): Promise<void> {
    await this.#server.ctl('set_vm_memory_high_watermark', '0.000001');
    const alarmed = async (): Promise<boolean> =>
      (await this.#server.ctl('eval', 'rabbit_alarm:get_alarms().')).includes('memory');
    await waitUntil('the memory alarm', alarmed, { timeoutMs: 60_000 });
  }

  async giveRoom(): Promise<void> {
    await this.#server.ctl('set_vm_memory_high_watermark', '0.6');
  }

  /** Whoever is first after the deletion declares the queue: again and again, until that is us. */
  async spoilQueue(queue: string): Promise<void> {
    const spoiled = { durable: true, arguments: { 'x-queue-type': 'classic' } };
    do await this.#manage('DELETE', queue);
    while (!(await this.#manage('PUT', queue, spoiled)));
  }

  async removeSpoiledQueue(queue: string): Promise<void> {
    await this.#manage('DELETE', queue);
  }

  async #manage(method: string, queue: string, body?: object): Promise<boolean> {
    const base = new URL(this.#server.managementUrl);
    const authorization = `Basic ${Buffer.from(`${base.username}:${base.password}`).toString('base64')}`;
    const response = await fetch(`${base.origin}/api/queues/%2F/${queue}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    await response.body?.cancel();
    return response.ok;
  }
}

/** How much the server may store, for `BreakableSystem.start`. */
export const natsWithLittleRoom = { jetstream: ['max_file_store: 16MB'] };
const ballast = 'BALLAST';

class NatsOperator implements Operator {
  readonly #server: NatsServer;

  constructor(server: NatsServer) {
    this.#server = server;
  }

  /** By a password that none of them has; taken back at once. */
  async closeAllConnections(): Promise<void> {
    await this.#server.configure('authorization { user: operator, password: alone }');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await this.#server.configure();
  }

  async takeAwayRoom(): Promise<void> {
    await this.#connected(async (jsm, nc) => {
      await jsm.streams.add({ name: ballast, subjects: ['ballast'], storage: StorageType.File });
      const js = nc.jetstream({ timeout: 5_000 });
      for (const bytes of [256 * 1_024, 4 * 1_024, 64])
        while (await js.publish('ballast', new Uint8Array(bytes)).then(() => true, isFull));
    });
  }

  async giveRoom(): Promise<void> {
    await this.#connected((jsm) => jsm.streams.delete(ballast));
  }

  async spoilQueue(queue: string): Promise<void> {
    const durable = queue.replaceAll('.', '_');
    await this.#connected(async (jsm) => {
      await jsm.consumers.delete('HEAVYLIFT_JOBS', durable);
      await jsm.consumers.add('HEAVYLIFT_JOBS', {
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        filter_subject: `heavylift.jobs.${queue}`,
        deliver_subject: 'somewhere.else',
      });
    });
  }

  async removeSpoiledQueue(queue: string): Promise<void> {
    await this.#connected((jsm) => jsm.consumers.delete('HEAVYLIFT_JOBS', queue.replaceAll('.', '_')));
  }

  async #connected(work: (jsm: JetStreamManager, nc: NatsConnection) => Promise<unknown>): Promise<void> {
    const nc = await connect({ servers: new URL(this.#server.url).host });
    try {
      await work(await nc.jetstreamManager(), nc);
    } finally {
      await nc.close();
    }
  }
}

function isFull(error: unknown): false {
  const { api_error: refusal } = error as { api_error?: { description: string } };
  if (!refusal || !/insufficient|exceeded|maximum/.test(refusal.description)) throw error;
  return false;
}
