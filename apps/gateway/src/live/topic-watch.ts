import type { LiveMessage, LiveTopic } from './live-message.js';
import type { Look } from './look.js';

/** Looks at a topic when that is due, one look at a time, and tells what it sees when it is not what it told last. */
export class TopicWatch {
  readonly #topic: LiveTopic;
  readonly #look: Look;
  readonly #tell: (message: LiveMessage) => void;
  #told: LiveMessage | undefined;
  #text = '';
  #dueAt = 0;
  #looking = false;
  /** Grows when nobody listens any more: a look that was under way then counts for nothing. */
  #round = 0;

  constructor(topic: LiveTopic, look: Look, tell: (message: LiveMessage) => void) {
    this.#topic = topic;
    this.#look = look;
    this.#tell = tell;
  }

  /** What it told last; undefined before the first look. */
  get told(): LiveMessage | undefined {
    return this.#told;
  }

  /** What was seen may have changed; also when a look is under way, which may have seen what was before. */
  expire(): void {
    this.#dueAt = 0;
  }

  forget(): void {
    this.#round++;
    this.#told = undefined;
    this.#text = '';
    this.expire();
  }

  /** Looks, if a look is due. Rejects with what the look does. */
  async look(): Promise<void> {
    if (this.#looking || performance.now() < this.#dueAt) return;
    const { everyMs, mostOfTime = 1 } = this.#look;
    const began = performance.now();
    this.#looking = true;
    this.#dueAt = began + everyMs;
    const round = this.#round;
    try {
      const data = await this.#look.look();
      if (round === this.#round) this.#saw(data);
    } finally {
      this.#looking = false;
      const took = performance.now() - began;
      // Unless it expired meanwhile.
      if (this.#dueAt > 0) this.#dueAt = Math.max(this.#dueAt, began + took / mostOfTime);
    }
  }

  #saw(data: unknown): void {
    const text = JSON.stringify(data);
    if (text === this.#text) return;
    this.#text = text;
    this.#told = { event: this.#topic, data };
    this.#tell(this.#told);
  }
}
