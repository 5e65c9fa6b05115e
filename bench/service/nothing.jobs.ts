import { Controller, Module } from '@nestjs/common';
import { JobHandler } from '@heavylift/nestjs';
import { now } from '../harness/payload.ts';
import { nothing, type Nothing, type NothingDone } from './contract.ts';

let listener: (payload: Nothing) => void = () => {};

/** Calls `listen` for each job. */
export function onNothing(listen: (payload: Nothing) => void): void {
  listener = listen;
}

class NothingJobs {
  async run(payload: Nothing): Promise<NothingDone> {
    listener(payload);
    return { waitedMs: now() - payload.sentAt };
  }
}

export class NothingModule {}

const { prototype } = NothingJobs;
JobHandler(nothing)(prototype, 'run', Object.getOwnPropertyDescriptor(prototype, 'run')!);
Controller()(NothingJobs);
Module({ controllers: [NothingJobs] })(NothingModule);
