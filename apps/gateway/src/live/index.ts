export * from './live-feed.js';
export * from './live.controller.js';
