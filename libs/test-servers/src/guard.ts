import { spawn, type ChildProcess } from 'node:child_process';

// Reads process ids (one line at a time, the last counts; an empty line is "none"). When the line closes, the owner
// has died, however that came: the process group is killed and the clean-up command is run.
const WATCH = `group=; while read -r line; do group=$line; done
if [ -n "$group" ]; then kill -s KILL -- "-$group" 2>/dev/null; fi
"$@" >/dev/null 2>&1`;

/**
 * Outlives the process that made it just long enough to end what that process left behind. An exit listener would not
 * do: it is not called on SIGKILL, and inside Jest it is never called at all.
 */
export class Guard {
  readonly #shell: ChildProcess;

  /** `cleanup` is a command with its arguments, run once after the owner's death. */
  constructor(cleanup: readonly string[]) {
    this.#shell = spawn('sh', ['-c', WATCH, 'guard', ...cleanup], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.once('error', (error) => console.error(`test server guard: ${error.message}`));
    this.#shell.unref();
    const line = this.#shell.stdin as (NodeJS.WritableStream & { unref?(): void }) | null;
    line?.unref?.();
    // The shell may be gone first, for instance when everything is killed together: nothing is left to guard then.
    line?.on('error', (error: Error) => console.error(`test server guard: ${error.message}`));
  }

  /** The process group to kill from now on; `undefined` for none. */
  watch(group: number | undefined): void {
    this.#shell.stdin?.write(`${group ?? ''}\n`);
  }

  /** Nothing is left to clean up. */
  dismiss(): void {
    this.#shell.kill('SIGKILL');
  }
}
