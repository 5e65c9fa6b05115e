export * from './start-image-worker.js';
