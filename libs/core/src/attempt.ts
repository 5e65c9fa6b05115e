import { setTimeout as sleep } from 'node:timers/promises';
import { decodeCommand, type JobCommand } from './envelope.js';
import { HeavyliftError, JobTimeoutError, RetryAfterError, UnrecoverableError } from './errors.js';
import { Ending } from './ending.js';
import { errorFacts, isRetryable } from './error-facts.js';
import { isoTime } from './iso-time.js';
import type { Sending } from './fold.js';
import { JobContext } from './job-context.js';
import type { EventFacts, JobEvent, Progress, PublishedEvent } from './job-event.js';
import { JobLog } from './job-log.js';
import type { LoggedEvent, LoggedFacts } from './logged-event.js';
import type { Failure } from './signal.js';
import { Throttle } from './throttle.js';
import type { JobMessage, PublishOptions, Settlement } from './transport.js';
import { parsePayload } from './validation.js';
import type { Handler, WorkerEnvironment } from './worker-environment.js';

/** Why a running attempt is to end. As the reason of the job's signal. */
export class AttemptAborted extends HeavyliftError {
  override readonly name = 'AttemptAborted';

  constructor(readonly why: 'cancelled' | 'released') {
    super(`attempt.${why}`, why === 'cancelled' ? 'the job was cancelled' : 'the worker hands the job back');
  }
}

const progressIntervalMs = 250;
/** How long a handler may go on after its signal aborted before the attempt ends without it. */
const abortGraceMs = 10_000;
/** The same, when the worker itself is about to go. */
const handBackGraceMs = 2_000;

/** What became of an attempt: the event to publish, and how to settle then. */
interface Outcome {
  readonly facts: EventFacts;
  readonly settlement: Settlement;
}

/**
 * One run of a handler for one message: opens it, announces the start, runs within the time limit, and publishes the
 * outcome. Resolves with the settlement only once the outcome event is safe; never rejects for what a handler or a message does.
 */
export class Attempt {
  readonly jobId: string;
  /** From 1. */
  readonly number: number;
  readonly #release: number;
  readonly #message: JobMessage;
  readonly #env: WorkerEnvironment;
  readonly #ending = new Ending<Error>();
  readonly #run: string;
  readonly #startedMs: number;
  #log: JobLog | undefined;
  #jobType: string;
  /** Told without the handler waiting for it. */
  #begun: Promise<void> | undefined;
  /** Tells progress in its order, each once the one before is out. */
  #announced: Promise<void> | undefined;
  /** The latest that waits for its turn: while the broker is away, an older one is of no more use. */
  #untold: Progress | undefined;

  /** `run`: which one this is; the message's, unless more were found out to have begun. */
  constructor(message: JobMessage, run: Sending, env: WorkerEnvironment) {
    this.jobId = message.id;
    this.number = run.attempt;
    this.#release = run.release;
    this.#message = message;
    this.#env = env;
    this.#run = env.world.id();
    this.#jobType = message.queue;
    this.#startedMs = env.world.now().getTime();
  }

  /** Ends the attempt early: the handler's signal aborts. */
  abort(why: AttemptAborted['why']): void {
    this.#ending.end(new AttemptAborted(why));
  }

  /** Ends the attempt early as the failure that the job has come to meanwhile. */
  fail({ code, message }: Failure): void {
    this.#ending.end(new UnrecoverableError(code, message));
  }

  async settle(): Promise<Settlement> {
    const outcome = await this.#outcome();
    if (this.#announced) await this.#announced;
    // Behind the start, and in one turn with it where the run was short.
    if (this.#log?.waits) await this.#publishBehind(this.#log, outcome.facts);
    else await this.#publishForSure(outcome.facts);
    await this.#begun;
    const durationMs = this.#env.world.now().getTime() - this.#startedMs;
    this.#env.onAttemptEnded?.({ jobType: this.#jobType, outcome: outcome.facts.kind, durationMs });
    return outcome.settlement.kind === 'complete'
      ? outcome.settlement
      : { ...outcome.settlement, attempt: this.number, release: this.#release };
  }

  async #outcome(): Promise<Outcome> {
    let command: JobCommand | undefined;
    try {
      command = decodeCommand(this.#message.body);
      this.#jobType = command.jobType;
      const handler = this.#handlerOf(command);
      this.#refuseExhausted(command);
      const payload = parsePayload(handler.definition, command.payload);
      if (this.#isFirstHandOver) this.#begun = this.#publish(this.#event({ kind: 'started' }));
      else await this.#publishForSure({ kind: 'started' }, { outlives: true });
      if (this.#ending.reason) throw this.#ending.reason;
      return await this.#handle(handler, command, payload);
    } catch (error) {
      return this.#failure(error, command);
    }
  }

  /**
   * If so, the run does not wait until its start is told. Later ones do: a job that ended the process before it could tell of its start must not do so
   * again, or it would never be counted.
   */
  get #isFirstHandOver(): boolean {
    return this.#message.suspected === 0 && this.#message.release === 0;
  }

  #handlerOf(command: JobCommand): Handler {
    const handler = this.#env.handlerFor(command.jobType, command.version);
    if (handler) return handler;
    throw new UnrecoverableError(
      'handler.missing',
      `no handler for "${command.jobType}" version ${command.version} in ${this.#env.workerName}; deploy a worker that has one`,
    );
  }

  /** The message came back more often than the job may be tried: its workers died. */
  #refuseExhausted(command: JobCommand): void {
    if (this.number <= command.maxAttempts) return;
    throw new UnrecoverableError('worker.lost', `the worker died in each of ${command.maxAttempts} attempts`);
  }

  async #handle(handler: Handler, command: JobCommand, payload: object): Promise<Outcome> {
    const timeoutMs = command.timeoutMs;
    const timer = setTimeout(() => this.#ending.end(new JobTimeoutError(timeoutMs)), timeoutMs);
    const progress = new Throttle<Progress>(progressIntervalMs, (value) => this.#announceProgress(value));
    const job = this.#context(command, timeoutMs, progress);
    try {
      const result = await this.#withinGrace(handler.run(payload, job));
      return {
        facts: { kind: 'succeeded', result: result ?? null, assets: job.outputs },
        settlement: { kind: 'complete' },
      };
    } finally {
      clearTimeout(timer);
      progress.stop();
      job.close();
    }
  }

  #context(command: JobCommand, timeoutMs: number, progress: Throttle<Progress>): JobContext {
    const facts = {
      id: this.jobId,
      type: command.jobType,
      version: command.version,
      attempt: this.number,
      maxAttempts: command.maxAttempts,
      run: this.#run,
      deadline: new Date(this.#startedMs + timeoutMs),
    };
    return new JobContext(facts, this.#ending, {
      onProgress: (value) => progress.push(value),
      onLog: (text) => (this.#log ??= this.#newLog()).write(text),
    });
  }

  #newLog(): JobLog {
    return new JobLog({
      publish: (facts) => this.#env.publish(this.#event(facts)),
      now: () => this.#env.world.now(),
      onLost: (lines, error) =>
        this.#env.logger.warn('log lines of a job were not told', { lines, ...this.#logFacts(error) }),
    });
  }

  /** The handler's result; the reason of the end instead, when the handler ended badly or not at all after it. */
  async #withinGrace<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const expire = (): void => reject(this.#ending.reason!);
        this.#ending.onEnd(
          () => (timer = setTimeout(expire, this.#mustGo() ? handBackGraceMs : abortGraceMs)),
        );
        work.then(resolve, reject);
      });
    } catch (error) {
      throw this.#ending.reason ?? error;
    } finally {
      this.#ending.onEnd(undefined);
      clearTimeout(timer);
    }
  }

  #failure(error: unknown, command: JobCommand | undefined): Outcome {
    if (error instanceof AttemptAborted && error.why === 'released')
      return { facts: { kind: 'released', reason: error.message }, settlement: { kind: 'release' } };
    if (error instanceof AttemptAborted)
      return { facts: { kind: 'cancelled' }, settlement: { kind: 'complete' } };
    const retryable = command !== undefined && isRetryable(error);
    const facts = errorFacts(error, retryable);
    if (!retryable || this.number >= command.maxAttempts)
      return {
        facts: { kind: 'failed', error: facts },
        settlement: { kind: 'deadLetter', reason: facts.code, detail: facts.message },
      };
    const delayMs = this.#delayMs(error, command);
    const nextAttemptAt = new Date(this.#env.world.now().getTime() + delayMs).toISOString();
    return {
      facts: { kind: 'retrying', error: facts, nextAttemptAt },
      settlement: { kind: 'retry', delayMs },
    };
  }

  #delayMs(error: unknown, command: JobCommand): number {
    if (error instanceof RetryAfterError) return error.delayMs;
    const definition = this.#env.handlerFor(command.jobType, command.version)?.definition;
    return definition?.retry.delayMs(this.number, () => this.#env.world.random()) ?? 0;
  }

  #announceProgress(latest: Progress): void {
    const waits = this.#untold !== undefined;
    this.#untold = latest;
    if (waits) return;
    this.#announced = Promise.all([this.#begun, this.#announced]).then(() => {
      const progress = this.#untold ?? latest;
      this.#untold = undefined;
      return this.#publish(this.#event({ kind: 'progressed', progress }));
    });
  }

  async #publish(event: JobEvent): Promise<void> {
    try {
      await this.#env.publish(event);
    } catch (error) {
      this.#env.logger.warn(`event "${event.kind}" was not published`, this.#logFacts(error));
    }
  }

  /** In one turn with the last lines, where these are one event, as nearly always: a confirm less to wait for, and the gateway gets both at once. */
  async #publishBehind(log: JobLog, facts: EventFacts): Promise<void> {
    const { endsAtOnce } = log;
    const told = log.end();
    if (!endsAtOnce) await told;
    await Promise.all([this.#publishForSure(facts), told]);
  }

  /** Tries until the event is out: work that was done is told again, not done again. Gives up when the worker must go. */
  async #publishForSure(facts: EventFacts, options?: PublishOptions): Promise<void> {
    const event = this.#event(facts);
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        return await this.#env.publish(event, options);
      } catch (error) {
        this.#env.logger.warn(`event "${facts.kind}" was not published, trying again`, this.#logFacts(error));
        if (this.#mustGo()) throw this.#ending.reason!;
        await sleep(pauseMs);
      }
    }
  }

  #mustGo(): boolean {
    const { reason } = this.#ending;
    return reason instanceof AttemptAborted && reason.why === 'released';
  }

  #event(facts: EventFacts): JobEvent;
  #event(facts: LoggedFacts): LoggedEvent;
  #event(facts: EventFacts | LoggedFacts): PublishedEvent {
    return {
      ...facts,
      id: this.#env.world.id(),
      jobId: this.jobId,
      jobType: this.#jobType,
      attempt: this.number,
      release: this.#release,
      at: isoTime(this.#env.world.now()),
      worker: this.#env.workerName,
      run: this.#run,
    };
  }

  #logFacts(error: unknown): Record<string, unknown> {
    return { jobId: this.jobId, attempt: this.number, error };
  }
}
