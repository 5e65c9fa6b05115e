export * from './metrics.module.js';
export * from './process-metrics.js';
export * from './worker-metrics.js';
