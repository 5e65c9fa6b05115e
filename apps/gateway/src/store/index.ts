export * from './asset-register.js';
export * from './control-store.js';
export * from './group-commit.js';
export { type IdempotencyKey, KeyTakenError } from './idempotency-keys.js';
export { recordOfAccepted } from './job-rows.js';
export * from './job-store.js';
export * from './open-job-store.js';
export * from './outbox.js';
export * from './store-unavailable-error.js';
