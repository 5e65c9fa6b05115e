import {
  commandType,
  type Handler,
  type JobContext,
  type JobDefinition,
  queuesOf,
  type Transport,
  Worker,
  type WorkerEnvironment,
} from '@heavylift/core';
import {
  type BaseRpcContext,
  type CustomTransportStrategy,
  type MessageHandler,
  Server,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { persist } from '../process/persist.js';
import { withExitGuard } from './exit-guard.js';
import { heavyliftTransportId } from './heavylift-transport-id.js';

/** What the server needs that Nest does not bring. */
export interface JobsServerOptions {
  readonly transport: Transport;
  /** Jobs at a time. */
  readonly concurrency: number;
  readonly environment: Omit<WorkerEnvironment, 'handlerFor'>;
}

/** Runs the `@JobHandler` methods of a Nest application, so that guards, pipes, interceptors and filters work as on any other transport. */
export class JobsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = heavyliftTransportId;
  readonly #options: JobsServerOptions;
  readonly #handlers = new Map<string, Handler>();
  readonly #stopped = new AbortController();
  #starting: Promise<void> = Promise.resolve();
  readonly worker: Worker;

  constructor(options: JobsServerOptions) {
    super();
    this.#options = options;
    const handlerFor = (name: string, version: number): Handler | undefined =>
      this.#handlers.get(commandType({ name, version }));
    this.worker = new Worker(options.transport, { ...options.environment, handlerFor });
  }

  /** What the handlers do, like `video.transcode`. */
  get jobTypes(): readonly string[] {
    return [...new Set([...this.#handlers.values()].map((handler) => handler.definition.name))];
  }

  override addHandler(
    pattern: string,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const definition = extras.definition as JobDefinition | undefined;
    if (isEventHandler || !definition)
      throw new Error(`handler of "${pattern}" is no @JobHandler; only those can be served here`);
    if (this.#handlers.has(pattern)) throw new Error(`two handlers for "${pattern}"; remove one`);
    this.#handlers.set(pattern, {
      definition,
      run: (payload, job) => this.#run(callback, payload, job),
    });
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Ready once it takes jobs; until the broker is there, that waits. */
  listen(listening: (error?: unknown) => void): void {
    this.#starting = this.#start();
    this.#starting.then(() => listening(), listening);
  }

  /** Takes no new job, gives what runs `limitMs` to finish and hands the rest back. Call it while the providers of the handlers still live. */
  async drain(limitMs: number): Promise<void> {
    this.#stopped.abort();
    await this.#starting;
    await this.worker.drain(limitMs);
  }

  /** Rejects while no job would be taken; asks the broker on the way on which jobs come. */
  async checkConsuming(): Promise<void> {
    if (this.#stopped.signal.aborted) throw new Error('draining: takes no new jobs');
    await this.worker.check();
  }

  /** Nest calls it when the application closes, after its providers were destroyed: too late to drain. */
  close(): void {}

  override on(): never {
    throw new Error('JobsServer has no events of its own; listen to the transport instead');
  }

  override unwrap<T>(): T {
    return this.#options.transport as T;
  }

  async #start(): Promise<void> {
    if (this.#handlers.size === 0)
      throw new Error('the worker has no @JobHandler; add a controller with one');
    const { transport, environment, concurrency } = this.#options;
    const begin = async (): Promise<void> => {
      await transport.connect(this.jobTypes.flatMap(queuesOf));
      await this.worker.start(this.jobTypes, concurrency);
    };
    if (!(await persist(`take jobs from ${transport.name}`, begin, environment.logger, this.#stopped.signal)))
      return;
    environment.logger.info(
      `takes ${this.jobTypes.join(', ')} from ${transport.name}, ${concurrency} at a time`,
    );
  }

  #run(callback: MessageHandler, payload: object, job: JobContext): Promise<unknown> {
    const context = job as unknown as BaseRpcContext;
    return withExitGuard((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        await this.#call(callback, payload, job).then(resolve, reject);
        this.onProcessingEndHook?.(this.transportId, context);
      });
    });
  }

  async #call(callback: MessageHandler, payload: object, job: JobContext): Promise<unknown> {
    const result: unknown = await callback(payload, job);
    return isObservable(result) ? lastValueFrom(result) : result;
  }
}
