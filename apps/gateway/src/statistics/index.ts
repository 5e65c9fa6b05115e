export * from './sampler.js';
export * from './statistics.controller.js';
export * from './statistics.service.js';
