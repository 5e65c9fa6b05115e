import { HeavyliftError } from '@heavylift/core';
import { ImageChild } from './image-child.js';
import type { ImageNews, ImageTask, PictureFile } from './image-task.js';
import { Slots } from './slots.js';

export interface ImagePoolOptions {
  /** After so many tasks a process is replaced, so that no leak adds up. Default 500. */
  readonly tasksPerProcess?: number;
}

/**
 * Child processes in which libvips and the network run, one task at a time each: a picture that crashes it costs its own task and no
 * neighbour, and the process that holds the broker connection never waits for pixels. They start when first needed,
 * and die with this process.
 */
export class ImagePool {
  readonly #slots: Slots;
  readonly #tasksPerProcess: number;
  readonly #children = new Set<ImageChild>();
  readonly #idle: ImageChild[] = [];
  #closed = false;

  /** `size`: how many processes, and so tasks, at a time at most; as many as there are processors is a good choice. */
  constructor(size: number, options: ImagePoolOptions = {}) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`an image pool of ${size} processes cannot work; give it 1 or more`);
    this.#slots = new Slots(size);
    this.#tasksPerProcess = options.tasksPerProcess ?? 500;
  }

  /** The process ids of the children that live now. */
  get pids(): readonly number[] {
    return [...this.#children].flatMap((child) => child.pid ?? []);
  }

  /**
   * Makes the pictures of a task, telling `onNews` on the way. When the signal aborts, the process is killed and gone when this rejects.
   * @throws the signal's reason
   * @throws {UnrecoverableError} `source.not_an_image`, `source.too_large`, `source.broken`, `variant.too_large`
   * @throws {HeavyliftError} `image.process_died`, `image.failed`, `image.pool_closed`
   */
  async run(
    task: ImageTask,
    signal: AbortSignal,
    onNews: (news: ImageNews) => void = () => undefined,
  ): Promise<readonly PictureFile[]> {
    if (this.#closed) throw closedError();
    await this.#slots.enter(signal);
    try {
      return await this.#runIn(this.#idle.pop() ?? this.#start(), task, signal, onNews);
    } finally {
      this.#slots.leave();
    }
  }

  /** Kills what runs, which fails with `image.pool_closed`, as does what waits. All processes are gone when it resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#slots.refuseWaiting(closedError());
    await Promise.all([...this.#children].map((child) => child.kill()));
  }

  async #runIn(
    child: ImageChild,
    task: ImageTask,
    signal: AbortSignal,
    onNews: (news: ImageNews) => void,
  ): Promise<readonly PictureFile[]> {
    const kill = (): void => void child.kill();
    signal.addEventListener('abort', kill, { once: true });
    try {
      return await child.run(task, onNews);
    } catch (error) {
      throw this.#reasonFor(error, signal);
    } finally {
      signal.removeEventListener('abort', kill);
      await this.#putBack(child);
    }
  }

  /** A death that we caused is told by its cause. */
  #reasonFor(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    return this.#closed ? closedError() : error;
  }

  #start(): ImageChild {
    if (this.#closed) throw closedError();
    const child = new ImageChild();
    this.#children.add(child);
    void child.ended.then(() => this.#forget(child));
    return child;
  }

  async #putBack(child: ImageChild): Promise<void> {
    if (child.alive && child.tasks < this.#tasksPerProcess && !this.#closed) this.#idle.push(child);
    else await child.kill();
  }

  #forget(child: ImageChild): void {
    this.#children.delete(child);
    const at = this.#idle.indexOf(child);
    if (at !== -1) this.#idle.splice(at, 1);
  }
}

function closedError(): HeavyliftError {
  return new HeavyliftError('image.pool_closed', 'the image pool is closed: this worker is shutting down');
}
