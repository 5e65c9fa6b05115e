export {
  createEmbeddedTransport,
  EmbeddedTransport,
  type EmbeddedTransportOptions,
} from './embedded-transport.js';
export { EmbeddedHub } from './hub.js';
