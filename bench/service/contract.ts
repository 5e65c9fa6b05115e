import 'reflect-metadata';
import { defineJob } from '@heavylift/core';
import { IsInt, IsNumber, IsOptional, IsString, Min } from 'class-validator';

/** What the jobs of the measurements are given. */
export class Nothing {
  /** When the client sent it, in milliseconds since 1970. */
  declare readonly sentAt: number;
  declare readonly text: string;
}

export class NothingDone {
  /** From `sentAt` to the handler's start, in milliseconds. */
  declare readonly waitedMs: number;
}

// Node strips types, but knows no decorators.
IsNumber()(Nothing.prototype, 'sentAt');
IsString()(Nothing.prototype, 'text');
IsNumber()(NothingDone.prototype, 'waitedMs');

/** Does nothing, as fast as it goes. */
export const nothing = defineJob({
  name: 'bench.nothing',
  version: 1,
  description: 'Does nothing.',
  payload: Nothing,
  result: NothingDone,
  example: { sentAt: 0, text: 'x' },
});

export class Chatter {
  /** How long it runs. */
  declare readonly ms: number;
  /** How often it tells of its progress. */
  declare readonly perSecond: number;
}

export class ChatterDone {
  declare readonly told?: number;
}

IsInt()(Chatter.prototype, 'ms');
Min(1)(Chatter.prototype, 'ms');
IsInt()(Chatter.prototype, 'perSecond');
Min(1)(Chatter.prototype, 'perSecond');
IsOptional()(ChatterDone.prototype, 'told');
IsInt()(ChatterDone.prototype, 'told');

/** Talks about its progress. */
export const chatter = defineJob({
  name: 'bench.chatter',
  version: 1,
  description: 'Talks about its progress.',
  payload: Chatter,
  result: ChatterDone,
  example: { ms: 1_000, perSecond: 10 },
});
