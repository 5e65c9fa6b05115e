/**
 * `npm test`: finds or installs the servers and programs that the tests need, starts one of each server, builds,
 * checks types and style, and runs Jest. Arguments go to Jest; with a path among them the style is not checked.
 * `BROKERS=embedded,nats` leaves the other brokers out. The last line is `N passed, N failed`.
 */
import { mkdir } from 'node:fs/promises';
import { selectBrokers } from './test/brokers.ts';
import { closingLine, forgetReport, jestArguments, REPORT } from './test/jest-report.ts';
import { TestServers } from './test/test-servers.ts';
import { endCommands, runQuietly, runVisibly } from './test/commands.ts';
import { step } from './test/step.ts';

const args = process.argv.slice(2);
const hasPath = args.some((arg) => !arg.startsWith('-'));
const servers = new TestServers();

async function main(): Promise<number> {
  const brokers = selectBrokers(process.env['BROKERS']);
  await mkdir('test-output', { recursive: true });
  const programs = await step('programs', () => servers.findPrograms(brokers, { lenient: hasPath }));
  const urls = step('servers', () => servers.start(brokers));
  await Promise.all([urls, build()]);
  const sound = await checks();
  const env = { ...process.env, ...programs, ...(await urls), BROKERS: brokers.join(',') };
  await forgetReport();
  const code = await runVisibly('node', jestArguments(args), env);
  console.log(await closingLine(REPORT));
  return code || (sound ? 0 : 1);
}

function build(): Promise<void> {
  return step('build', () => runQuietly('npm', ['run', '--silent', 'build']));
}

/** All of them, so that one run shows everything that is wrong. */
async function checks(): Promise<boolean> {
  const types = ['run', '--silent', 'typecheck'];
  const style = [
    '--check',
    '--log-level',
    'warn',
    '--cache',
    '--cache-location',
    'test-output/prettier',
    '.',
  ];
  const all = [step('types', () => runQuietly('npm', types))];
  if (!hasPath) {
    all.push(step('lint', () => runQuietly('eslint', ['.'])));
    all.push(step('format', () => runQuietly('prettier', style)));
  }
  const failures = (await Promise.allSettled(all)).filter((outcome) => outcome.status === 'rejected');
  for (const failure of failures) console.error(messageOf(failure.reason));
  return failures.length === 0;
}

let ending: Promise<never> | undefined;

/** The first call decides the exit code: a signal also makes the running step fail, which ends here as well. */
function end(code: number): Promise<never> {
  return (ending ??= (async () => {
    await endCommands();
    await servers.stop();
    return process.exit(code);
  })());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => void end(code));
}

try {
  await end(await main());
} catch (error) {
  if (!ending) console.error(messageOf(error));
  await end(1);
}
