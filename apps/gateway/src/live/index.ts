export * from './live-events.js';
export * from './live-feed.js';
export * from './live-message.js';
export * from './live.controller.js';
export * from './look.js';
export * from './steering-hook.js';
