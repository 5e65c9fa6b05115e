export { type ProbeState, type Readiness, readinessOf } from './ask-probe.js';
export * from './health.controller.js';
export * from './health-probes.js';
export * from './health.module.js';
