/** What becomes of a job, without what runs and checks it: for those who would otherwise load class-validator for nothing. */
export * from './errors.js';
export * from './fold.js';
export * from './lanes.js';
export * from './record.js';
