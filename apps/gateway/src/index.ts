export * from './gateway-settings.js';
export * from './start-gateway.js';
