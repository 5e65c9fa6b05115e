import { readFile, rm } from 'node:fs/promises';

/** Where Jest writes its results. */
export const REPORT = 'test-output/jest.json';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Spec files that did not get as far as their tests. */
  readonly numRuntimeErrorTestSuites: number;
}

/** The arguments of Node that run Jest on ECMAScript modules, the caller's own last. */
export function jestArguments(args: readonly string[]): string[] {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return [...node, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${REPORT}`, ...args];
}

/** Forgets the last run's results, so that a run that dies early cannot show them as its own. */
export async function forgetReport(): Promise<void> {
  await rm(REPORT, { force: true });
}

/** `N passed, N failed`. A spec file that could not be run counts as one failure. */
export async function closingLine(report: string): Promise<string> {
  const results = JSON.parse(await readFile(report, 'utf8')) as Results;
  return `${results.numPassedTests} passed, ${results.numFailedTests + results.numRuntimeErrorTestSuites} failed`;
}
