import { setTimeout as sleep } from 'node:timers/promises';
import type { JobContext } from '@heavylift/core';
import { JobHandler } from '@heavylift/nestjs';
import { Controller, Module } from '@nestjs/common';
import { chatter, type Chatter, type ChatterDone } from './contract.ts';

/** A timer that fires more often costs more than what is measured. */
const tickMs = 5;

class ChatterJobs {
  async run({ ms, perSecond }: Chatter, job: JobContext): Promise<ChatterDone> {
    const began = performance.now();
    let told = 0;
    for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - began) {
      for (const due = (elapsed / 1_000) * perSecond; told < due; told += 1)
        job.progress((100 * elapsed) / ms);
      await sleep(tickMs, undefined, { signal: job.signal });
    }
    return { told };
  }
}

export class ChatterModule {}

const { prototype } = ChatterJobs;
JobHandler(chatter)(prototype, 'run', Object.getOwnPropertyDescriptor(prototype, 'run')!);
Controller()(ChatterJobs);
Module({ controllers: [ChatterJobs] })(ChatterModule);
