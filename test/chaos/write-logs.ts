import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Service } from './service.js';

/** What each service's processes printed, a file for each. */
export async function writeLogs(folder: string, services: readonly Service[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, lines } of services)
    await writeFile(join(folder, `${name}.log`), lines.map((line) => `${line}\n`).join(''));
}
