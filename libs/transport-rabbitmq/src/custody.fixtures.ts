import type { Delivery, JobMessage, Process, Settlement, Transport } from '@heavylift/core';
import { type RabbitmqServer, startRabbitmq, waitUntil } from '@heavylift/test-servers';
import { type CuttableProxy, openCuttableProxy } from '@heavylift/transport-conformance';
import { createRabbitmqTransport } from './index.js';

export const leaseRenewMs = 200;
/** So long that a worker can be ended between two rounds: amid one, its job would be in two places. */
export const slowRenewMs = 5_000;

export const complete: Settlement = { kind: 'complete' };

/** One queue, or several: what frees a slot differs. */
export const kinds = ['one queue', 'three queues'] as const;
export type Kind = (typeof kinds)[number];

type Settle = (delivery: Delivery, opened: Promise<void>) => Promise<Settlement>;

/** A RabbitMQ that suffers no delivery for longer than 15 s, and what a case needs around it. */
export class CustodyRig {
  readonly server: RabbitmqServer;
  /** The case's own; lanes beside it have names that begin with it. */
  queue: string;
  readonly #name: string;
  #cases = 0;
  #jobs = 0;
  readonly #clients = new Map<Transport, CuttableProxy>();
  readonly #recorders: Recorder[] = [];

  private constructor(server: RabbitmqServer, name: string) {
    this.server = server;
    this.#name = name;
    this.queue = `custody.${name}`;
  }

  static async start(): Promise<CustodyRig> {
    const rig = new CustodyRig(await startRabbitmq({ config: ['consumer_timeout = 15000'] }), 'case');
    await rig.tellFreshCounts();
    return rig;
  }

  /** One more on the same server, for a case that goes on beside the others. */
  beside(name: string): CustodyRig {
    return new CustodyRig(this.server, name);
  }

  /** How often the broker looks for deliveries that are held for too long: a minute is the default. */
  async lookForOldDeliveriesEvery(ms: number): Promise<void> {
    await this.server.ctl('eval', `application:set_env(rabbit, channel_tick_interval, ${ms}).`);
  }

  /** How old the counts of a new queue may be that the broker tells: 5 s is the default. Forgotten at its end. */
  async tellFreshCounts(): Promise<void> {
    await this.server.ctl('eval', 'application:set_env(rabbit, quorum_tick_interval, 100).');
  }

  get caseName(): string {
    return `${this.#name}${this.#cases}`;
  }

  beginCase(): void {
    this.#cases++;
    this.queue = `custody.${this.caseName}`;
  }

  async endCase(): Promise<void> {
    for (const recorder of this.#recorders.splice(0)) recorder.open();
    const ended = [...this.#clients];
    this.#clients.clear();
    await Promise.all(ended.map(([client]) => client.close()));
    await Promise.all(ended.map(([, proxy]) => proxy.cut()));
  }

  async client(renewMs = leaseRenewMs): Promise<Transport> {
    const { username, password, port } = new URL(this.server.url);
    const proxy = await openCuttableProxy(Number(port));
    const url = `amqp://${username}:${password}@127.0.0.1:${proxy.port}`;
    const client = createRabbitmqTransport({ url, clientName: this.queue, leaseRenewMs: renewMs });
    this.#clients.set(client, proxy);
    await client.connect(this.lanes.map((name) => ({ name, deadLetters: this.queue })));
    return client;
  }

  /** Cuts a client off for good, as the death of its process would. */
  async cut(client: Transport): Promise<void> {
    await this.#clients.get(client)?.cut();
  }

  get lanes(): string[] {
    return [`${this.queue}.high`, this.queue, `${this.queue}.low`];
  }

  tiers(kind: Kind): string[][] {
    return kind === 'one queue' ? [[this.queue]] : this.lanes.map((name) => [name]);
  }

  async send(client: Transport, count: number): Promise<string[]> {
    const messages = Array.from({ length: count }, () => this.#message());
    await Promise.all(messages.map((message) => client.send(message)));
    return messages.map(({ id }) => id);
  }

  recorder(settle: Settle): Recorder {
    const recorder = new Recorder(settle);
    this.#recorders.push(recorder);
    return recorder;
  }

  /** Ends the first delivery of each job when it is opened, and those after it at once. */
  holding(settlement: Settlement = complete): Recorder {
    const seen = new Set<string>();
    return this.recorder(async ({ message }, opened) => {
      if (seen.has(message.id)) return complete;
      seen.add(message.id);
      await opened;
      return settlement;
    });
  }

  /** Messages by queue, of this case: as `rabbitmqctl list_queues` tells them, in milliseconds instead of a second. */
  async contents(): Promise<Record<string, number>> {
    const { origin, username, password } = new URL(this.server.managementUrl);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const path = '/api/queues/%2F?disable_stats=true&enable_queue_totals=true';
    const response = await fetch(origin + path, { headers: { authorization } });
    const queues = (await response.json()) as { readonly name: string; readonly messages?: number }[];
    // One that is too young to be counted has no number.
    const counts = queues.map(({ name, messages = NaN }) => [name, messages] as const);
    return Object.fromEntries(counts.filter(([name]) => name.includes(this.queue)));
  }

  /** Messages by custody queue, of this case. */
  async custody(): Promise<number[]> {
    const counts = Object.entries(await this.contents());
    return counts.flatMap(([name, count]) => (name.startsWith('heavylift.custody.') ? [count] : []));
  }

  /** The jobs are held by their custody queue alone. */
  async untilInCustody(count: number, waiting = 0): Promise<void> {
    const held = async (): Promise<boolean> => {
      const { [this.queue]: left, ...others } = await this.contents();
      return left === waiting && Object.values(others).reduce((sum, held) => sum + held, 0) === count;
    };
    await until(`${count} in custody`, held);
  }

  async untilEmpty(): Promise<void> {
    await until('all queues are empty', async () =>
      Object.values(await this.contents()).every((count) => count === 0),
    );
  }

  /** By the broker's log; none where it is not a file. */
  async timeLimitsHit(): Promise<number> {
    const logs = '{ok, Log} <- [file:read_file(File) || File <- rabbit:log_locations()]';
    const found = `[binary:matches(Log, <<"precondition_failed">>) || ${logs}]`;
    return Number(await this.server.ctl('eval', `length(lists:append(${found})).`));
  }

  #message(): JobMessage {
    const facts = { type: 'heavylift.job.custody.spec.v1', attempt: 1, suspected: 0, release: 0 };
    const body = Buffer.from('{"n":1}');
    return { id: `job-${++this.#jobs}`, queue: this.queue, ...facts, headers: { note: 'schön' }, body };
  }
}

/** Every delivery in the order of its arrival. */
export class Recorder {
  readonly deliveries: Delivery[] = [];
  readonly process: Process;
  running = 0;
  /** The most that ran at a time. */
  peak = 0;
  done = 0;
  #open: () => void = () => {};

  /** What is given to `settle` resolves when it is opened; at the end of the case at the latest. */
  constructor(settle: Settle) {
    const opened = new Promise<void>((resolve) => (this.#open = resolve));
    this.process = async (delivery) => {
      this.deliveries.push(delivery);
      this.peak = Math.max(this.peak, ++this.running);
      const settlement = await settle(delivery, opened);
      this.running--;
      this.done++;
      return settlement;
    };
  }

  open(): void {
    this.#open();
  }

  get messages(): JobMessage[] {
    return this.deliveries.map(({ message }) => message);
  }

  /** How many of them were lost. */
  get lost(): number {
    return this.deliveries.filter((delivery) => delivery.lost.aborted).length;
  }
}

export function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  return waitUntil(what, async () => ask(), { timeoutMs, everyMs: 20 });
}

export function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
