export { createEmbeddedTransport, EmbeddedTransport } from './embedded-transport.js';
export { EmbeddedHub } from './hub.js';
