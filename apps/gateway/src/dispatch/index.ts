export * from './asset-sweeper.js';
export * from './outbox-relay.js';
export * from './projection.js';
