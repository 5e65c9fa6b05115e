import { readFileSync } from 'node:fs';

/** One environment variable: what it takes, its default, and how it is read. */
export interface Setting<T> {
  readonly name: string;
  /** Shown by `--help`. */
  readonly about: string;
  /** Completes «… but takes …». */
  readonly takes: string;
  /** As a user would write it; undefined: it may be left out. */
  readonly fallback: string | undefined;
  /** Its value never appears in a message. */
  readonly secret?: boolean;
  /** Undefined means: not what it takes. */
  parse(text: string): T | undefined;
}

export type Settings<S extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** A wrong setting. The message is one line: the variable, what it got, what it takes. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** The exit code for a wrong setting (EX_CONFIG of sysexits.h). */
export const wrongSettingExitCode = 78;

/**
 * Reads settings from the environment; `NAME_FILE` names a file that holds the value of `NAME`.
 * @throws {SettingsError} at the first one that is wrong
 */
export function readSettings<S extends Readonly<Record<string, Setting<unknown>>>>(
  spec: S,
  env: NodeJS.ProcessEnv,
): Settings<S> {
  const entries = Object.entries(spec).map(([key, setting]) => [key, readSetting(setting, env)]);
  return Object.fromEntries(entries) as Settings<S>;
}

function readSetting(setting: Setting<unknown>, env: NodeJS.ProcessEnv): unknown {
  const text = textOf(setting, env) ?? setting.fallback;
  if (text === undefined) return undefined;
  const value = setting.parse(text);
  if (value !== undefined) return value;
  throw new SettingsError(`${setting.name} is ${shown(setting, text)}, but takes ${setting.takes}`);
}

function textOf(setting: Setting<unknown>, env: NodeJS.ProcessEnv): string | undefined {
  const file = env[`${setting.name}_FILE`];
  if (!file) return env[setting.name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new SettingsError(
      `${setting.name}_FILE is "${file}", but that file cannot be read: ${(error as Error).message}`,
    );
  }
}

function shown(setting: Setting<unknown>, text: string): string {
  return setting.secret ? '"***"' : `"${maskCredentials(text)}"`;
}

/** A URL, or several with commas, without its password. */
export function maskCredentials(url: string): string {
  return url.replace(/(\/\/[^:/@,\s]*):[^@,\s]*@/g, '$1:***@');
}

/** The table that `--help` prints. */
export function settingsTable(spec: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.values(spec).map(
    (setting) => [setting.name, setting.fallback ?? 'none', setting.about] as const,
  );
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows
    .map(([name, fallback, about]) => `  ${name.padEnd(width(0))}  ${fallback.padEnd(width(1))}  ${about}`)
    .join('\n');
}
