import { HeavyliftProcess } from './process.js';

/** A process that is started again whenever it ends, as Docker or Kubernetes would do it. */
export class Supervised {
  /** How it ended, each time. */
  readonly exits: (number | null)[] = [];
  readonly #life: Promise<void>;
  #process: HeavyliftProcess;
  #ending = false;

  private constructor(
    first: HeavyliftProcess,
    private readonly startAgain: () => Promise<HeavyliftProcess>,
  ) {
    this.#process = first;
    this.#life = this.#supervise();
  }

  static async start(app: string, env: NodeJS.ProcessEnv): Promise<Supervised> {
    const start = (): Promise<HeavyliftProcess> => HeavyliftProcess.start(app, env);
    return new Supervised(await start(), start);
  }

  /** SIGTERM, or SIGKILL; it is not started again. */
  async end(how: 'stop' | 'kill' = 'stop'): Promise<number | null> {
    this.#ending = true;
    const code = await this.#process[how]();
    await this.#life;
    return code;
  }

  async #supervise(): Promise<void> {
    for (;;) {
      const code = await this.#process.exited;
      if (this.#ending) return;
      this.exits.push(code);
      this.#process = await this.startAgain();
      if (this.#ending) await this.#process.stop();
    }
  }
}
