import { setFlagsFromString } from 'node:v8';

// Loading the code makes much that is spent at once. V8 would take 64 MiB of room for it and never give it back; it is kept from
// growing that room until the gateway runs.
setFlagsFromString('--semi-space-growth-factor=1');
await import('./run-gateway.js');
setFlagsFromString('--semi-space-growth-factor=2');
