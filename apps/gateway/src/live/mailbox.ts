import { type ChangedJobs, type LiveMessage, mostJobs } from './live-message.js';

/** Holds for a listener what it has no room for yet: of each kind one message, so that a slow one costs no memory and then hears what is. */
export class Mailbox {
  readonly #send: (message: LiveMessage) => Promise<void>;
  readonly #waiting = new Map<LiveMessage['event'], LiveMessage>();
  #sending = false;

  /** @param send resolves when there is room for more; never rejects */
  constructor(send: (message: LiveMessage) => Promise<void>) {
    this.#send = send;
  }

  put(message: LiveMessage): void {
    this.#waiting.set(message.event, this.#joined(message));
    if (!this.#sending) void this.#sendAll();
  }

  #joined(message: LiveMessage): LiveMessage {
    const before = this.#waiting.get(message.event);
    if (before?.event !== 'jobs' || message.event !== 'jobs') return message;
    return { event: 'jobs', data: joinedJobs(before.data, message.data) };
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    // What is put meanwhile comes last, and is found too.
    for (const [event, message] of this.#waiting) {
      this.#waiting.delete(event);
      await this.#send(message);
    }
    this.#sending = false;
  }
}

/** Each job once, as it was told last. */
function joinedJobs(before: ChangedJobs, after: ChangedJobs): ChangedJobs {
  const changed = new Set(after.items.map(({ id }) => id));
  const all = [...before.items.filter(({ id }) => !changed.has(id)), ...after.items];
  const items = all.slice(-mostJobs);
  return { items, more: before.more || after.more || all.length > items.length };
}
