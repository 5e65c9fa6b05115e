import { loadProgram } from '@heavylift/nestjs/load-program';

await loadProgram(() => import('./run-standalone.js'), import.meta.dirname);
