/** `node --import` this: the first SIGUSR2 begins a CPU profile, the second writes it into `PROFILE_FOLDER`. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { basename, join } from 'node:path';

const intervalUs = 200;
const session = new Session();
let running = false;

async function toggle(): Promise<void> {
  if (running) {
    const { profile } = await session.post('Profiler.stop');
    const name = `${basename(process.argv[1]!, '.ts')}-${process.pid}.cpuprofile`;
    writeFileSync(join(process.env.PROFILE_FOLDER!, name), JSON.stringify(profile));
    return session.disconnect();
  }
  running = true;
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: intervalUs });
  await session.post('Profiler.start');
}

process.on('SIGUSR2', () => void toggle());
