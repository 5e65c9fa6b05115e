export * from './asset-sweeper.js';
export * from './dead-letter-sweeper.js';
export * from './dispatcher.js';
export * from './given-up-jobs.js';
export * from './outbox-relay.js';
export * from './projection.js';
export * from './reconciler.js';
export * from './signal-desk.js';
