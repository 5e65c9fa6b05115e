import { join } from 'node:path';
import sharp from 'sharp';
import { MediaSystem } from './harness/media-system.ts';
import { rate } from './harness/numbers.ts';
import { Player } from './harness/player.ts';
import { cpuMsWithChildren } from './harness/process-facts.ts';
import { type Contestant, type Figures, milliseconds, perSecond, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';
import type { SharpCalls } from './players/sharp.ts';

export const scenario: Scenario = {
  about:
    'Pictures of 4000 x 3000 pixels made 800 wide, JPEG to JPEG, as many at a time as there are cores: through the whole system, from the post to the recorded success, beside a bare loop over sharp. What a picture takes of processor is that of the worker with its child processes, on the embedded broker that of the whole system.',
  measures: { pictures: perSecond, processor: milliseconds },
  open: async (stage) => {
    const source = join(await stage.folder(), 'source.jpg');
    await makeSource(source, stage.pick(4_000, 400));
    return [await heavylift(stage, source), await bare(stage, source)];
  },
};

async function heavylift(stage: Stage, source: string): Promise<Contestant> {
  const system = await MediaSystem.open(stage, 'image-worker', 'image.resize');
  const variants = [{ name: 'small', width: 800, fit: 'inside', format: 'jpeg', quality: 80 }];
  const payload = { source: await system.upload(source), variants };
  const count = stage.pick(120, 4);
  await warmUp(system, stage);
  await system.run(payload, 4);
  return {
    name: 'heavylift',
    round: () =>
      figures(
        count,
        () => system.workerCpuMs(),
        () => system.run(payload, count),
      ),
    close: () => system.close(),
  };
}

/** With pictures that are hardly any: what is around them then runs as it does after a while, compiled. */
async function warmUp(system: MediaSystem, stage: Stage): Promise<void> {
  const path = join(await stage.folder(), 'dot.jpg');
  await makeSource(path, 16);
  const variants = [{ name: 'small', width: 8, fit: 'inside', format: 'jpeg' }];
  await system.run({ source: await system.upload(path), variants }, stage.pick(500, 4));
}

async function bare(stage: Stage, source: string): Promise<Contestant> {
  const player = new Player<SharpCalls>('sharp.ts', { SOURCE: source, FOLDER: await stage.folder() });
  const count = stage.pick(120, 4);
  await player.call('resize', 4);
  return {
    name: 'sharp',
    round: () =>
      figures(
        count,
        () => cpuMsWithChildren(player.pid),
        () => player.call('resize', count),
      ),
    close: () => player.close(),
  };
}

async function figures(count: number, cpuMs: () => number, work: () => Promise<number>): Promise<Figures> {
  const before = cpuMs();
  const pictures = rate(count, await work());
  return { pictures, processor: (cpuMs() - before) / count };
}

/** Shapes with some noise over them, which compresses about as a photograph does. */
async function makeSource(path: string, width: number): Promise<void> {
  const size = { width, height: (width / 4) * 3 };
  const noise = { type: 'gaussian', mean: 128, sigma: 12 } as const;
  const shapes = `<svg width="${size.width}" height="${size.height}"><defs><radialGradient id="g"><stop offset="0" stop-color="#fc3"/><stop offset="1" stop-color="#036" stop-opacity="0.4"/></radialGradient></defs><rect width="100%" height="100%" fill="url(#g)"/></svg>`;
  await sharp({ create: { ...size, channels: 3, background: '#000', noise } })
    .composite([{ input: Buffer.from(shapes), blend: 'overlay' }])
    .jpeg({ quality: 90 })
    .toFile(path);
}
