import { loadProgram } from '@heavylift/nestjs/load-program';

// Without a cache of compiled code: its 10 MiB are better left to the files that a gateway hands through in little memory.
await loadProgram(() => import('./run-gateway.js'));
