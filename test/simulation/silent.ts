import type { Logger } from '@heavylift/core';

/** Says nothing: a simulation keeps its own trace. */
export const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };
