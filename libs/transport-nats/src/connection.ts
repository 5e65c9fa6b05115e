import { pause, TransportError, within } from '@heavylift/core';
import { connect, Events, type JetStreamManager, type NatsConnection, type Status } from 'nats';
import type { Address } from './address.js';
import { Answers } from './answers.js';
import { clientOptions } from './client-options.js';
import { Deadline } from './deadline.js';
import { isPassing, toTransportError } from './failures.js';
import { Inboxes } from './inboxes.js';

/** A connection that stands, with its JetStream clients. */
export interface Session {
  readonly nc: NatsConnection;
  readonly answers: Answers;
  readonly inboxes: Inboxes;
  readonly jsm: JetStreamManager;
  /** With a short patience: a cluster that elects a leader answers nothing that it got before. */
  readonly hurried: JetStreamManager;
}

export interface ConnectionOptions {
  readonly address: Address;
  readonly clientName: string;
  /** Declares streams and consumers; runs after every (re)connect. */
  readonly declare: (jsm: JetStreamManager, nc: NatsConnection) => Promise<void>;
  /** Hears what went wrong where no caller waits for an answer. */
  readonly warn: (error: TransportError) => void;
}

const firstConnectMs = 5_000;
const apiTimeoutMs = 5_000;
const declareTimeoutMs = 2_000;
const goodbyeMs = 2_000;
const retryMs = 200;
const beforeRepairMs = 500;
/** After a reconnect, what is declared has so long to be confirmed before it is used all the same. */
const declaredWithinMs = 1_000;

/** The one connection of a transport: comes back for ever; usable once everything is declared, or a moment after a reconnect. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #dropListeners = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  #session: Session | undefined;
  #opening: Promise<void> | undefined;
  #repairing: Promise<void> | undefined;
  #connected = false;
  #usable = false;
  #drops = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Connects if need be, and declares; tries for 5 s.
   * @throws {TransportError} `broker.unreachable`, `broker.refused`, `broker.timeout` or `broker.closed`
   */
  async open(): Promise<void> {
    this.assertOpen();
    const deadline = new Deadline(firstConnectMs);
    if (this.#session && !this.#connected) await this.session(firstConnectMs);
    this.#opening ??= this.#dial(deadline);
    await this.#opening.catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    const drops = this.#drops;
    await this.#persist(deadline, 'declare streams and consumers', () => this.#declare());
    this.#upUnlessDropped(drops);
  }

  /**
   * The session once it is usable, waiting at most `ms` for it.
   * @throws {TransportError} `broker.unreachable` or `broker.closed`
   */
  async session(ms: number): Promise<Session> {
    const deadline = new Deadline(ms);
    for (;;) {
      this.assertOpen();
      if (!this.#session) throw unreachable('await connect() first');
      if (this.#usable) return this.#session;
      await this.#change(deadline.leftMs);
    }
  }

  /** The session if it is usable now: for what is done for each job, which need not wait for a promise. */
  get ready(): Session | undefined {
    return this.#usable && !this.closing.aborted ? this.#session : undefined;
  }

  /** Resolves once the session is usable, or the transport closes, or `signal` aborts, however long it takes. */
  async usable(signal: AbortSignal): Promise<void> {
    if (this.#usable || signal.aborted || this.closing.aborted) return;
    let wake: () => void = () => {};
    const changed = new Promise<void>((resolve) => this.#waiting.add((wake = resolve)));
    signal.addEventListener('abort', wake, { once: true });
    await changed;
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }

  /** The bare connection, usable or not; for what must not wait, like a lease. */
  get nc(): NatsConnection {
    return this.bare.nc;
  }

  /** The session, usable or not. */
  get bare(): Session {
    if (!this.#session) throw unreachable('await connect() first');
    return this.#session;
  }

  /** Aborts when `close` begins, or when the client gave up for ever. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Calls back at the next loss of the connection; the returned function takes the listener away. */
  onDrop(listener: () => void): () => void {
    this.#dropListeners.add(listener);
    return () => this.#dropListeners.delete(listener);
  }

  /** Settles as `work` does, or rejects as soon as the connection is lost: no answer can come any more. */
  async untilDropped<T>(work: Promise<T>): Promise<T> {
    let forget: () => void = () => {};
    const dropped = new Promise<never>((_, reject) => {
      forget = this.onDrop(() => reject(lost()));
    });
    return Promise.race([work, dropped]).finally(forget);
  }

  /** As `untilDropped`, but rejects with a {@link TransportError} only; `doing` names what failed, like `inspect queue a.b`. */
  async ask<T>(doing: string, answer: Promise<T>): Promise<T> {
    return this.untilDropped(answer).catch((error: unknown) => {
      throw toTransportError(error, doing);
    });
  }

  /**
   * Has declared again what somebody deleted. Resolves after a moment, when it begins: what else exists need not wait for the answers. Many
   * callers at once make one round. Never rejects: failures are warned of.
   *
   * The moment is for the server: it tells of a deletion before it has removed the files, and takes those of a stream made anew in between as well.
   * Such a stream looks sound and never hands on what it stores (seen in one of three deletions under load with nats-server 2.9.10).
   */
  async repair(signal?: AbortSignal): Promise<void> {
    await pause(beforeRepairMs, signal ?? this.closing);
    // Without a connection there is nobody to ask, and coming back declares anyway.
    if (!this.#usable || signal?.aborted) return;
    this.#repairing ??= this.#declare()
      .catch((error: unknown) => this.#options.warn(toTransportError(error, 'declare streams and consumers')))
      .finally(() => (this.#repairing = undefined));
  }

  assertOpen(): void {
    if (this.closing.aborted)
      throw new TransportError('broker.closed', 'the NATS transport is closed; make a new one');
  }

  /** Ends the connection; all that was published before still goes out. */
  async close(): Promise<void> {
    this.#end();
    // A failure to connect is told to whoever asked for it.
    await Promise.allSettled([this.#opening]);
    const nc = this.#session?.nc;
    if (!nc || nc.isClosed()) return;
    // close() without drain() overtakes what was published last; without a connection drain() would wait for one.
    if (this.#usable)
      await within(nc.drain(), goodbyeMs, () => unreachable('it does not answer a goodbye')).catch(
        this.#options.warn,
      );
    await nc.close();
  }

  async #dial(deadline: Deadline): Promise<void> {
    const nc = await this.#persist(deadline, 'connect to NATS', () =>
      connect(clientOptions(this.#options.address, this.#options.clientName)),
    );
    if (this.closing.aborted) return nc.close();
    this.#connected = true;
    this.#session = await sessionOf(nc);
    this.#follow(this.#session).catch((error: unknown) =>
      this.#options.warn(toTransportError(error, 'follow NATS')),
    );
  }

  async #follow(session: Session): Promise<void> {
    for await (const status of session.nc.status()) {
      if (status.type === Events.Disconnect) this.#down();
      if (status.type === Events.Reconnect) void this.#comeBack(this.#drops);
      const forbidden = forbiddenSubject(status);
      if (forbidden !== undefined) session.answers.refuse(forbidden);
    }
    this.#down();
    this.#end();
  }

  /**
   * A cluster that has lost a server elects a leader for each stream and consumer by itself, some seconds for each: those that have one are
   * used meanwhile. What is missing altogether is found missing by whoever uses it.
   */
  async #comeBack(drops: number): Promise<void> {
    this.#connected = true;
    const enough = setTimeout(() => this.#upUnlessDropped(drops), declaredWithinMs);
    await this.#declareUntilDropped(drops).finally(() => clearTimeout(enough));
    this.#upUnlessDropped(drops);
  }

  async #declareUntilDropped(drops: number): Promise<void> {
    while (!this.closing.aborted && drops === this.#drops) {
      try {
        return await this.#declare();
      } catch (error) {
        this.#options.warn(toTransportError(error, 'declare streams and consumers'));
        await pause(retryMs, this.closing);
      }
    }
  }

  #declare(): Promise<void> {
    if (!this.#session) return Promise.reject(unreachable('await connect() first'));
    return this.untilDropped(this.#options.declare(this.#session.hurried, this.#session.nc));
  }

  async #change(ms: number): Promise<void> {
    let wake: () => void = () => {};
    const changed = new Promise<void>((resolve) => this.#waiting.add((wake = resolve)));
    await within(changed, ms, () => unreachable('check that nats-server runs')).finally(() =>
      this.#waiting.delete(wake),
    );
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #upUnlessDropped(drops: number): void {
    if (drops !== this.#drops || this.#session?.nc.isClosed()) return;
    this.#usable = true;
    this.#wakeAll();
  }

  #end(): void {
    this.#closing.abort();
    this.#wakeAll();
  }

  #down(): void {
    this.#connected = false;
    this.#usable = false;
    this.#drops++;
    for (const listener of [...this.#dropListeners]) listener();
    this.#session?.answers.abandon(lost());
  }

  /** Repeats what may pass, until the deadline. */
  async #persist<T>(deadline: Deadline, doing: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const hopeless = !isPassing(error) && toTransportError(error, doing).code !== 'broker.unreachable';
        if (hopeless || deadline.passed || this.closing.aborted) throw toTransportError(error, doing);
        await pause(retryMs, this.closing);
      }
    }
  }
}

function unreachable(cure: string): TransportError {
  return new TransportError('broker.unreachable', `not connected to NATS; ${cure}`);
}

function lost(): TransportError {
  return new TransportError('broker.unreachable', 'the connection to NATS was lost');
}

/** What the server said that this client may not publish to. */
function forbiddenSubject({ permissionContext }: Status): string | undefined {
  return permissionContext?.operation === 'publish' ? permissionContext.subject : undefined;
}

async function sessionOf(nc: NatsConnection): Promise<Session> {
  // Without the check: a server that is still recovering its streams would refuse, and declaring tells just as well.
  const jsm = await nc.jetstreamManager({ checkAPI: false, timeout: apiTimeoutMs });
  const hurried = await nc.jetstreamManager({ checkAPI: false, timeout: declareTimeoutMs });
  return { nc, answers: new Answers(nc), inboxes: new Inboxes(nc), jsm, hurried };
}
