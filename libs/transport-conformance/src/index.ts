export { type CuttableProxy, openCuttableProxy } from './cuttable-proxy.js';
export { describeTransport } from './describe-transport.js';
export type { SkippedCase, TransportHarness } from './transport-harness.js';
