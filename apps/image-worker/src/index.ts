export * from './image-worker-settings.js';
export * from './start-image-worker.js';
