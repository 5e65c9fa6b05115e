import { play } from './play.ts';
import { now, payloadOf } from './payload.ts';
import { atRate, inWindow } from './window.ts';

/** A queue of some system, seen from one process. */
export interface Line {
  /** Resolves once the message is durably accepted. */
  send(body: Payload): Promise<unknown>;
  /** Hands on messages, {@link atATime} of them at a time, and lets go of each once it is handled. */
  consume(handle: (body: Payload) => void): Promise<{ stop(): Promise<unknown> }>;
}

export type Payload = ReturnType<typeof payloadOf>;

/** Unsettled messages at a time, for each contestant. */
export const atATime = 50;
/** Messages that are on their way at a time. */
const unconfirmed = 500;

/** How many since `start`, and when the first and the last of them, in milliseconds since 1970. */
export interface Handled {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What the player of a line does. */
export type LineCalls = ReturnType<typeof callsOf>;

/** Plays the line; it is opened at the first call. */
export function playLine(open: () => Promise<Line>): void {
  play(callsOf(open));
}

function callsOf(open: () => Promise<Line>) {
  let line: Promise<Line> | undefined;
  let consumption: { stop(): Promise<unknown> } | undefined;
  let handled: Handled = { count: 0, firstAt: 0, lastAt: 0 };
  let waits: number[] = [];
  const opened = (): Promise<Line> => (line ??= open());
  return {
    /** Connects. */
    open: async (): Promise<void> => void (await opened()),
    /** As fast as it goes; says how many milliseconds that took. */
    produce: async (count: number): Promise<number> => {
      const line = await opened();
      const began = performance.now();
      await inWindow(count, unconfirmed, () => line.send(payloadOf()));
      return performance.now() - began;
    },
    /** So many a second; resolves when all are accepted. */
    trickle: async (count: number, perSecond: number): Promise<void> => {
      const line = await opened();
      await atRate(count, perSecond, () => line.send(payloadOf()));
    },
    start: async (): Promise<void> => {
      [handled, waits] = [{ count: 0, firstAt: 0, lastAt: 0 }, []];
      consumption = await (
        await opened()
      ).consume(({ sentAt }) => {
        const at = now();
        handled = { count: handled.count + 1, firstAt: handled.firstAt || at, lastAt: at };
        waits.push(at - sentAt);
      });
    },
    handled: async (): Promise<Handled> => handled,
    /** From sending to handling, in milliseconds, of all messages since `start`. */
    waits: async (): Promise<readonly number[]> => waits,
    stop: async (): Promise<void> => void (await consumption?.stop()),
  };
}
