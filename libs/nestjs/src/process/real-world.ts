import { randomUUID } from 'node:crypto';
import type { World } from '@heavylift/core';

/** The real clock, chance and names. */
export const realWorld: World = { now: () => new Date(), random: Math.random, id: randomUUID };
