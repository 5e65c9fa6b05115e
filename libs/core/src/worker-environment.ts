import type { JobContext } from './job-context.js';
import type { JobDefinition } from './job-definition.js';
import type { JobEvent, PublishedEvent } from './job-event.js';
import type { PublishOptions } from './transport.js';
import type { ProcessFacts } from './presence.js';

/** The code that does a job type. */
export interface Handler {
  readonly definition: JobDefinition;
  run(payload: object, job: JobContext): Promise<unknown>;
}

/** What a worker says to its operator. `facts` are added to the line. */
export interface Logger {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** Time, chance and names, given from outside so that tests can own them. */
export interface World {
  now(): Date;
  /** In [0, 1). */
  random(): number;
  /** A new unique name. */
  id(): string;
}

/** What an attempt needs from around it. */
export interface WorkerEnvironment {
  /** Names the process, like `video-worker@host-1:4711`. */
  readonly workerName: string;
  readonly world: World;
  readonly logger: Logger;
  handlerFor(jobType: string, version: number): Handler | undefined;
  /** Resolves once the event is safe; with `outlives`, also from the end of this process. */
  publish(event: PublishedEvent, options?: PublishOptions): Promise<void>;
  /** Measures the process. Without it, the worker tells nobody that it is there. */
  readonly processFacts?: () => ProcessFacts;
  /** Hears of each attempt's end, for metrics. */
  onAttemptEnded?(ended: {
    readonly jobType: string;
    readonly outcome: JobEvent['kind'];
    readonly durationMs: number;
  }): void;
}
