import { loadProgram } from '@heavylift/nestjs/load-program';

await loadProgram(() => import('./run-image-worker.js'), import.meta.dirname);
