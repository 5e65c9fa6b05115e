export * from './start-video-worker.js';
