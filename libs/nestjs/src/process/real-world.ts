import type { World } from '@heavylift/core';
import { newId } from './new-id.js';

/** The real clock, chance and names. */
export const realWorld: World = { now: () => new Date(), random: Math.random, id: newId };
