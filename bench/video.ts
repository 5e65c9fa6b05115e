import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram } from '../libs/test-servers/src/index.ts';
import { MediaSystem } from './harness/media-system.ts';
import { descendants } from './harness/process-facts.ts';
import { type Contestant, type Scenario } from './harness/scenario.ts';
import type { Stage } from './harness/stage.ts';

const run = promisify(execFile);
const ffmpeg = findProgram('ffmpeg') ?? 'ffmpeg';
const lookEveryMs = 10;
const wanted = { format: 'mp4', height: 480 } as const;

export const scenario: Scenario = {
  about:
    'A video of 60 seconds made 480 lines high from 720, MP4 to MP4: from the post to the recorded success, beside a bare FFmpeg with the flags that the worker was seen to use.',
  measures: { wall: { unit: 's', better: 'less' } },
  rounds: 3,
  open: async (stage) => {
    const source = join(await stage.folder(), 'source.mp4');
    await makeSource(source, stage.pick(60, 2));
    const flags = new SeenFlags();
    return [await heavylift(stage, source, flags), await bare(stage, source, flags)];
  },
};

async function heavylift(stage: Stage, source: string, flags: SeenFlags): Promise<Contestant> {
  const system = await MediaSystem.open(stage, 'video-worker', 'video.transcode');
  await warmUp(system, stage, flags);
  const payload = { ...wanted, source: await system.upload(source) };
  return {
    name: 'heavylift',
    round: async () => ({ wall: (await system.runOne(payload)) / 1_000 }),
    close: () => system.close(),
  };
}

/** With short videos: what is around FFmpeg then runs as it does after a while, and its flags, which are the same for a long one, are seen now. */
async function warmUp(system: MediaSystem, stage: Stage, flags: SeenFlags): Promise<void> {
  const path = join(await stage.folder(), 'short.mp4');
  await makeSource(path, 2);
  const payload = { ...wanted, source: await system.upload(path) };
  for (let left = stage.pick(5, 1); left > 0; left -= 1) {
    const running = system.runOne(payload);
    await flags.look(running);
    await running;
  }
}

async function bare(stage: Stage, source: string, flags: SeenFlags): Promise<Contestant> {
  const output = join(await stage.folder(), 'bare.mp4');
  return {
    name: 'FFmpeg',
    round: async () => {
      const began = performance.now();
      await run(ffmpeg, flags.between(source, output), { maxBuffer: 16 * 1024 ** 2 });
      return { wall: (performance.now() - began) / 1_000 };
    },
    close: async () => {},
  };
}

/** What the worker's FFmpeg was called with, read off the process, so that the two can never differ. */
class SeenFlags {
  #seen: readonly string[] = [];

  /** Looks until it has seen them, or the work is done. */
  async look(working: Promise<unknown>): Promise<void> {
    let done = false;
    const end = (): void => void (done = true);
    void working.then(end, end);
    while (!done && this.#seen.length === 0) {
      this.#seen = descendants(process.pid).map(commandLine).find(isTranscoding) ?? [];
      await sleep(lookEveryMs);
    }
  }

  between(source: string, output: string): string[] {
    if (this.#seen.length === 0) throw new Error("the worker's FFmpeg was not seen");
    const [, ...args] = this.#seen;
    const input = args.indexOf('-i') + 1;
    return [...args.slice(0, input), `file:${source}`, ...args.slice(input + 1, -1), `file:${output}`];
  }
}

function isTranscoding([program = '', ...args]: readonly string[]): boolean {
  return /(^|\/)ffmpeg[^/]*$/.test(program) && args.includes('-vf');
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    // Gone between two looks.
    return [];
  }
}

async function makeSource(path: string, seconds: number): Promise<void> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=30:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await run(ffmpeg, ['-v', 'error', '-y', ...picture, ...sound, ...codecs, path]);
}
