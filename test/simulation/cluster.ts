import { Broker } from './broker.js';
import type { Connection } from './connection.js';
import type { TimedFault } from './fault-plan.js';
import { GatewayProcess } from './gateway-process.js';
import type { Pieces } from './pieces.js';
import type { SimProcess } from './sim-process.js';
import type { SimStore } from './sim-store.js';
import { StoreServer } from './store-link.js';
import { WorkerProcess } from './worker-process.js';
import type { World } from './world.js';

type Member = GatewayProcess | WorkerProcess;

/** No heartbeat for so long, and the broker gives a connection up. */
const heartbeatMs = 8_000;

/** The processes, their broker and their store; who dies is started again. */
export class Cluster {
  readonly broker: Broker;
  readonly server: StoreServer;
  readonly #world: World;
  readonly #pieces: Pieces;
  readonly #members: Member[] = [];
  readonly #starts: (() => Member)[] = [];
  #lives = 0;
  #allDying = false;

  constructor(world: World, store: SimStore, pieces: Pieces) {
    this.#world = world;
    this.#pieces = pieces;
    this.broker = new Broker(world);
    this.server = new StoreServer(store);
    const { workers, gateways } = world.scenario;
    for (let at = 0; at < gateways; at++) this.#starts.push(() => this.#startGateway(`g${at}`));
    for (let at = 0; at < workers; at++) this.#starts.push(() => this.#startWorker(`w${at}`));
    for (const at of this.#starts.keys()) this.#start(at);
    for (const fault of world.faults.timed) world.time.outside(fault.atMs, () => this.#strike(fault));
  }

  get gateways(): GatewayProcess[] {
    return this.#members.filter((member) => member instanceof GatewayProcess);
  }

  /** Nothing is on its way, and nobody is away. */
  get idle(): boolean {
    const isIdle = (member: Member): boolean =>
      member.process.alive && (member instanceof GatewayProcess || member.idle);
    return this.broker.up && this.server.up && this.broker.idle && this.#members.every(isIdle);
  }

  #start(at: number): void {
    const member = this.#starts[at]!();
    this.#members[at] = member;
    member.process.onDeath(() => this.#died(at, member.process));
  }

  #startGateway(name: string): GatewayProcess {
    return new GatewayProcess(this.#world, this.broker, this.server, this.#nameOf(name), this.#pieces);
  }

  #startWorker(name: string): WorkerProcess {
    return new WorkerProcess(this.#world, this.broker, this.#nameOf(name), this.#pieces);
  }

  #nameOf(name: string): string {
    return `${name}.${++this.#lives}`;
  }

  #died(at: number, process: SimProcess): void {
    this.#world.note(`${process.name} died`);
    if (this.#world.scenario.kind === 'embedded') return this.#allDie();
    const awayMs = this.#world.chances('restart').whole(20, 3_000);
    this.#world.time.outside(awayMs, () => this.#start(at));
  }

  /** The one process of them all is gone, and the broker's memory with it. */
  #allDie(): void {
    if (this.#allDying) return;
    this.#allDying = true;
    for (const { process } of this.#members) process.kill();
    this.broker.wipe();
    this.#world.time.outside(this.#world.chances('restart').whole(20, 3_000), () => {
      this.#allDying = false;
      for (const at of this.#starts.keys()) this.#start(at);
    });
  }

  #strike(fault: TimedFault): void {
    const { time } = this.#world;
    this.#world.note(`! ${fault.kind} ${fault.target} for ${fault.ms}`);
    const member = this.#members[fault.target % this.#members.length]!;
    switch (fault.kind) {
      case 'kill':
        return member.process.kill();
      case 'pause':
        return this.#pause(member, fault.ms);
      case 'cut':
        return member.connection.cut(fault.ms);
      case 'drain':
        return this.#drain(member, fault.ms / 4);
      case 'storeDown':
        this.server.up = false;
        return void time.outside(fault.ms, () => (this.server.up = true));
      case 'block':
        this.broker.blockedUntil = time.now + fault.ms;
        return;
      case 'restart':
      case 'replace':
      case 'blank':
        return this.#restartBroker(fault.ms, fault.kind);
    }
  }

  #pause({ process, connection }: Member, forMs: number): void {
    const { time } = this.#world;
    const until = Math.max(process.pausedUntil, time.now + forMs);
    process.pausedUntil = until;
    if (this.#world.scenario.kind === 'embedded')
      for (const other of this.#members) other.process.pausedUntil = until;
    else if (forMs > heartbeatMs) time.outside(heartbeatMs, () => connection.broken());
  }

  #drain(member: Member, limitMs: number): void {
    if (!member.process.alive) return;
    void (member instanceof WorkerProcess ? member.drain(limitMs) : member.stop());
  }

  #restartBroker(forMs: number, as: 'restart' | 'replace' | 'blank'): void {
    this.broker.up = false;
    for (const connection of this.#connections()) connection.broken();
    if (as !== 'restart') this.broker.wipe(as === 'blank');
    this.#world.time.outside(forMs, () => {
      this.broker.up = true;
      this.broker.pump();
    });
  }

  #connections(): Connection[] {
    return this.#members.filter(({ process }) => process.alive).map(({ connection }) => connection);
  }
}
