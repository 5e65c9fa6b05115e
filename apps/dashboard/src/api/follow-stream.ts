import { readEventStream, type StreamMessage } from './event-stream.js';
import { Problem } from './problem.js';
import { request } from './request.js';

/** The gateway sends something every 15 s: a stream that is silent for longer is dead, as after a laptop's sleep. */
const silenceMs = 40_000;
const shortestPauseMs = 500;
const longestPauseMs = 5_000;

export interface StreamFollower {
  /** Answers whether this was the last message. */
  readonly onMessage: (message: StreamMessage) => boolean | void;
  /** Whether messages are coming in, or a connection is being made. */
  readonly onLink: (link: 'live' | 'connecting') => void;
}

/**
 * Tells the messages of a stream, until its last; resolves after that. A connection that breaks is made again, and goes on
 * after the last message that had an id.
 * @throws {Problem} when the gateway refuses
 */
export async function followStream(
  path: string,
  follower: StreamFollower,
  signal: AbortSignal,
): Promise<void> {
  const place = { lastId: '', pauseMs: shortestPauseMs };
  while (!signal.aborted) {
    try {
      if (await readOnce(path, place, follower, signal)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (isRefusal(error)) throw error;
    }
    follower.onLink('connecting');
    await pause(place.pauseMs, signal);
    place.pauseMs = Math.min(place.pauseMs * 2, longestPauseMs);
  }
}

/** Whether the stream came to its last message. */
async function readOnce(
  path: string,
  place: { lastId: string; pauseMs: number },
  follower: StreamFollower,
  signal: AbortSignal,
): Promise<boolean> {
  const silence = new SilenceAlarm(silenceMs);
  try {
    const response = await request(path, {
      headers: { accept: 'text/event-stream', ...(place.lastId ? { 'last-event-id': place.lastId } : {}) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.body) return false;
    follower.onLink('live');
    for await (const message of readEventStream(response.body, () => silence.postpone())) {
      place.lastId = message.id ?? place.lastId;
      place.pauseMs = shortestPauseMs;
      if (follower.onMessage(message)) return true;
    }
    return false;
  } finally {
    silence.close();
  }
}

/** Trying again helps when nobody answered, or when the gateway has a bad moment. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

class SilenceAlarm {
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly limitMs: number) {
    this.postpone();
  }

  postpone(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), this.limitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
