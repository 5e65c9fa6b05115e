import type { World } from '@heavylift/core';
import { v7 } from 'uuid';

/**
 * The real clock, chance and names. Names begin with the time: events are found by theirs, and one that falls anywhere into that index costs a page of
 * the database each (with SQLite and 20,000 jobs, 21 kB were written for each, and 6 since).
 */
export const realWorld: World = { now: () => new Date(), random: Math.random, id: () => v7() };
