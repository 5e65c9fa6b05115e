export * from './api-key.js';
export * from './setting.js';
export * as setting from './settings.js';
