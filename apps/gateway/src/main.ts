import { setFlagsFromString } from 'node:v8';

// Loading the code makes much that is spent at once. V8 would take 64 MiB of room for it and not give it back, which a gateway that only
// hands files through would never need.
setFlagsFromString('--optimize-for-size');
await import('./run-gateway.js');
setFlagsFromString('--no-optimize-for-size');
