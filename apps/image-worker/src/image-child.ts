import { type ChildProcess, fork } from 'node:child_process';
import { HeavyliftError, UnrecoverableError } from '@heavylift/core';
import type { ImageNews, ImageReply, ImageTask, PictureFile } from './image-task.js';

// From source (in tests) Node strips the types of the entry itself.
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './image-process.ts' : './image-process.js',
  import.meta.url,
);
const passedOn = ['PATH', 'TMPDIR', 'LD_LIBRARY_PATH'] as const;
const keptStderr = 2_000;

/** How a task that was given to a child ends. */
interface Running {
  readonly made: PictureFile[];
  readonly onNews: (news: ImageNews) => void;
  readonly resolve: (made: readonly PictureFile[]) => void;
  readonly reject: (error: Error) => void;
}

/** One child process of the pool. It does one task at a time, until it dies or is killed. */
export class ImageChild {
  /** Resolves once the process is gone; never rejects. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #running: Running | undefined;
  #stderr = '';
  #tasks = 0;
  #alive = true;

  constructor() {
    this.#process = fork(entry, {
      execArgv: [],
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.on('message', (reply) => this.#hear(reply as ImageReply));
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-keptStderr);
    });
    this.ended = new Promise((resolve) => {
      // It could not be started, or not be killed: either way there is none to count on.
      this.#process.on('error', (error) => this.#end(error.message, resolve));
      this.#process.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`, resolve));
    });
  }

  /** Whether it can take a task: false as soon as it is being killed. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How many tasks it was given. */
  get tasks(): number {
    return this.#tasks;
  }

  /**
   * Does the task; settles only once the process no longer works on it.
   * @throws {UnrecoverableError} what is wrong with the source or the variant
   * @throws {HeavyliftError} `image.failed`; `image.process_died` when the process died meanwhile
   */
  run(task: ImageTask, onNews: (news: ImageNews) => void): Promise<readonly PictureFile[]> {
    this.#tasks += 1;
    return new Promise((resolve, reject) => {
      this.#running = { made: [], onNews, resolve, reject };
      if (!this.#alive) return this.#fail(died('it was gone before the task began'));
      this.#process.send(task, (error) => {
        // The channel is broken, so no answer will come: its death ends the task.
        if (error) void this.kill();
      });
    });
  }

  /** Ends the process at once, whatever it does: libvips cannot be interrupted otherwise. */
  kill(): Promise<void> {
    this.#alive = false;
    this.#process.kill('SIGKILL');
    return this.ended;
  }

  #hear(reply: ImageReply): void {
    if (reply.kind === 'done') return this.#succeed();
    if (reply.kind !== 'failed') return this.#pass(reply);
    this.#fail(new (reply.permanent ? UnrecoverableError : HeavyliftError)(reply.code, reply.message));
  }

  #pass(news: ImageNews): void {
    if (news.kind === 'made') this.#running?.made.push(news.picture);
    this.#running?.onNews(news);
  }

  #succeed(): void {
    const running = this.#take();
    running?.resolve(running.made);
  }

  #fail(error: Error): void {
    this.#take()?.reject(error);
  }

  #take(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }

  #end(how: string, resolve: () => void): void {
    this.#alive = false;
    this.#fail(died(how, this.#stderr.trim().split('\n').at(-1)));
    resolve();
  }
}

function died(how: string, lastWords?: string): HeavyliftError {
  const said = lastWords ? `; it said: ${lastWords}` : '';
  return new HeavyliftError('image.process_died', `the process that made the pictures died: ${how}${said}`);
}

/** Only what libvips needs: a picture that takes the child over finds no key or broker address there. */
function environment(): NodeJS.ProcessEnv {
  const kept = passedOn.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  // Many arenas of glibc's allocator never give back what pictures of many sizes have taken.
  return { ...(Object.fromEntries(kept) as NodeJS.ProcessEnv), MALLOC_ARENA_MAX: '2' };
}
