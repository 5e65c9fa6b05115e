export * from './duration.js';
export * from './errors.js';
export * from './intake.js';
export * from './job-definition.js';
export * from './job-message.js';
export * from './retry-policy.js';
export * from './transport.js';
export * from './validation.js';
