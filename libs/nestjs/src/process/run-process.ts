import {
  readSettings,
  type Setting,
  type Settings,
  SettingsError,
  settingsTable,
  wrongSettingExitCode,
} from '../settings/index.js';
import { boundHeap } from './bound-heap.js';
import { createLogger, type AppLogger } from './logger.js';
import { tidyHeap } from './tidy-heap.js';

/** It stops everything for a tenth of a second: whoever waits for the process to listen is answered first. */
const tidyAfterMs = 100;

/** A started application. */
export interface RunningApp {
  /** Finishes or hands back what it has in hand, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * The life of a process: settings, `--help`, start, SIGTERM and SIGINT (a second one ends it at once), exit code.
 * Exits 78 on a wrong setting, 1 when it could not start or stop, else 0 or what `process.exitCode` says.
 */
export async function runProcess<S extends Readonly<Record<string, Setting<unknown>>>>(
  app: string,
  spec: S,
  start: (settings: Settings<S>, logger: AppLogger) => Promise<RunningApp>,
): Promise<void> {
  if (process.argv.includes('--help')) return printHelp(app, spec);
  const logger = await createLogger(app);
  process.on('unhandledRejection', (error) => end(logger, 'an error was not handled', error));
  try {
    const starting = start(readSettings(spec, process.env), logger);
    // Already now: who reads that a process listens may end it the next moment.
    stopOnSignal(starting, logger);
    await starting;
    setTimeout(keepSmall, tidyAfterMs).unref();
  } catch (error) {
    if (!(error instanceof SettingsError)) return end(logger, `${app} could not start`, error);
    process.stderr.write(`${error.message}\n`);
    process.exit(wrongSettingExitCode);
  }
}

/** Only once it has started: a start is quicker with garbage left alone. */
function keepSmall(): void {
  tidyHeap();
  boundHeap();
}

function printHelp(app: string, spec: Readonly<Record<string, Setting<unknown>>>): void {
  process.stdout.write(
    `Heavylift ${app}. Settings are environment variables; NAME_FILE reads NAME from a file.\n\n`,
  );
  process.stdout.write(`${settingsTable(spec)}\n`);
}

/** A start that fails is told by who waits for it. */
function stopOnSignal(starting: Promise<RunningApp>, logger: AppLogger): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info(`${signal}: stopping; once more to stop at once`);
    starting
      .then((running) => running.stop())
      .then(
        () => process.exit(),
        (error: unknown) => end(logger, 'could not stop cleanly', error),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function end(logger: AppLogger, message: string, error: unknown): void {
  logger.error(message, { error });
  process.exitCode = 1;
  // Gives the log line a moment to get out.
  setTimeout(() => process.exit(1), 50);
}
