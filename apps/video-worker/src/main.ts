import { loadProgram } from '@heavylift/nestjs/load-program';

await loadProgram(() => import('./run-video-worker.js'), import.meta.dirname);
