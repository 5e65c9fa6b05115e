import { Pending, type VirtualTime } from './virtual-time.js';

const { setTimeout, clearTimeout, setImmediate } = globalThis;
const real = { setTimeout, clearTimeout, setImmediate };
const realNow = Date.now;
let time: VirtualTime | undefined;

/** From now on the timers and the clock of this realm follow `virtual`. */
export function followTime(virtual: VirtualTime): void {
  time = virtual;
  Object.assign(globalThis, {
    setTimeout: (run: () => unknown, ms?: number) => virtual.after(ms ?? 0, run),
    setImmediate: (run: () => unknown) => virtual.after(0, run),
    clearTimeout: (timer: unknown) => {
      if (timer instanceof Pending) timer.cancelled = true;
      else real.clearTimeout(timer as NodeJS.Timeout);
    },
  });
  Date.now = () => Math.floor(virtual.now);
}

/** Brings the real timers and the real clock back. */
export function followRealTime(): void {
  time = undefined;
  Object.assign(globalThis, real);
  Date.now = realNow;
}

/** Stands in for `setTimeout` of `node:timers/promises`. */
export function virtualSleep<T>(ms: number, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (!time)
      return reject(new Error('a virtual sleep needs a running simulation; call followTime() first'));
    const timer = time.after(ms, () => resolve(value as T));
    options.signal?.addEventListener('abort', () => {
      timer.cancelled = true;
      reject(options.signal!.reason as Error);
    });
  });
}
