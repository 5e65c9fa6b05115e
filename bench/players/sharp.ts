/** A bare loop over sharp, set up as its own documents advise for many pictures: one thread each, as many at a time as there are cores. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { play } from '../harness/play.ts';
import { inWindow } from '../harness/window.ts';

sharp.concurrency(1);
sharp.cache(false);

const calls = {
  resize: async (count: number): Promise<number> => {
    const began = performance.now();
    await inWindow(count, availableParallelism(), (index) =>
      sharp(process.env.SOURCE)
        .autoOrient()
        .resize({ width: 800 })
        .jpeg({ quality: 80 })
        .toFile(join(process.env.FOLDER!, `${index}.jpg`)),
    );
    return performance.now() - began;
  },
};

export type SharpCalls = typeof calls;

play(calls);
