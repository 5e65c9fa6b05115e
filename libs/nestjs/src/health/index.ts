export * from './health.controller.js';
export * from './health-probes.js';
export * from './health.module.js';
