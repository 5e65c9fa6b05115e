/**
 * The entry of a child process of `ImagePool`. Node runs this file both compiled and as TypeScript (types stripped), so
 * it and what it imports hold no enums, decorators or parameter properties, and import no TypeScript at run time that does.
 */
import { constants, setPriority } from 'node:os';
import { drawPictures } from './cppn/draw-pictures.ts';
import type { ImageNews, ImageReply, ImageTask } from './image-task.ts';
import { inspectPictures, resize, restrictLibvips } from './libvips.ts';
import { PictureError } from './picture-error.ts';

// The parent must get the processor first: it renews the leases on the jobs that run here. Measured in the video worker's `child-guard.ts`.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
restrictLibvips();

// Ctrl-C reaches the whole process group; the parent drains first, and ends its children itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', die);

process.on('message', (task) => {
  void work(task as ImageTask);
});

async function work(task: ImageTask): Promise<void> {
  try {
    for await (const news of perform(task)) reply(news);
    reply({ kind: 'done' });
  } catch (error) {
    reply(failure(error));
  }
}

function perform(task: ImageTask): AsyncIterable<ImageNews> {
  switch (task.kind) {
    case 'resize':
      return resize(task);
    case 'draw':
      return drawPictures(task);
    case 'inspect':
      return inspectPictures(task);
  }
}

function failure(error: unknown): ImageReply {
  if (error instanceof PictureError)
    return { kind: 'failed', code: error.code, message: error.message, permanent: error.permanent };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', code: 'image.failed', message, permanent: false };
}

function reply(message: ImageReply): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error) die();
  });
}

/** The parent is gone. An ordinary exit would wait for libvips to finish the picture. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
