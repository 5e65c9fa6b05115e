/**
 * The words of the house. job: one unit of work. handler: the code that does a job type. worker: a process that runs handlers. queue: the line of
 * jobs of one type. attempt: one run of a handler, from 1. delivery: a broker hands a job over. settlement: how a delivery ends. event: a fact about
 * a job. dead letter: a job that is not tried again without a person.
 */
export * from './allowance.js';
export * from './attempt.js';
export * from './duration.js';
export * from './envelope.js';
export * from './ending.js';
export * from './errors.js';
export * from './event-publisher.js';
export * from './fold.js';
export * from './hotline.js';
export type { IntakeStream } from './intake-stream.js';
export * from './intake.js';
export * from './job-context.js';
export * from './job-definition.js';
export * from './job-event.js';
export * from './job-message.js';
export * from './job-log.js';
export * from './lanes.js';
export * from './log-lines.js';
export * from './logged-event.js';
export * from './pause.js';
export * from './presence.js';
export * from './record.js';
export * from './retry-policy.js';
export * from './signal.js';
export * from './throttle.js';
export * from './transport.js';
export * from './turns.js';
export * from './surely-valid.js';
export * from './validation.js';
export * from './verdict.js';
export * from './worker-environment.js';
export * from './worker-limits.js';
export * from './worker.js';
