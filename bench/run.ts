/**
 * `npm run bench -- <scenario> [--broker rabbitmq|nats|embedded] [--rounds N] [--json] [--small]`: plays a scenario of this folder on real servers and prints
 * its results. A whole run is kept in `bench/results`. Without `--broker` it plays on all three.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, markdownOf, type Report } from './harness/report.ts';
import { runScenario } from './harness/run-scenario.ts';
import { type Broker, brokers, type Scenario } from './harness/scenario.ts';

const folder = import.meta.dirname;
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'profile.ts', 'when-to-queue.ts'].includes(file))
  .map((file) => file.slice(0, -'.ts'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    broker: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
});

// What was started is ended by listeners to the exit, which a signal by itself does not call.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const [name = ''] = positionals;
if (!scenarios.includes(name)) refuse(`no scenario "${name}"; there are ${scenarios.join(', ')}`);
const chosen = brokers.filter((broker) => values.broker === undefined || broker === values.broker);
if (chosen.length === 0) refuse(`no broker "${values.broker}"; there are ${brokers.join(', ')}`);

const { scenario } = (await import(`./${name}.ts`)) as { readonly scenario: Scenario };
const reports: Report[] = [];
for (const broker of chosen) {
  console.error(`${name} on ${broker}`);
  reports.push(await runScenario(scenario, optionsFor(broker)));
}
console.log(values.json ? JSON.stringify(reports, undefined, 2) : textOf(reports));
if (!values.small) keep(reports);

function optionsFor(broker: Broker): Parameters<typeof runScenario>[1] {
  const { small, rounds } = values;
  const say = (text: string): void => console.error(`  ${text}`);
  return { name, broker, small, say, ...(rounds === undefined ? {} : { rounds: Number(rounds) }) };
}

function textOf(all: readonly Report[]): string {
  const parts = all.map((report) => `${markdownOf(report)}\n${machineLine(report)}\n`);
  return `# ${name}\n\n${all[0]!.about}\n\n${parts.join('\n')}`;
}

/** What was measured on other brokers before stays. */
function keep(fresh: readonly Report[]): void {
  const path = join(folder, 'results', name);
  const before = existsSync(`${path}.json`)
    ? (JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Report[])
    : [];
  const all = brokers.flatMap(
    (broker) => [...fresh, ...before].find((report) => report.broker === broker) ?? [],
  );
  writeFileSync(`${path}.json`, `${JSON.stringify(all, undefined, 2)}\n`);
  writeFileSync(`${path}.md`, textOf(all));
}

function refuse(why: string): never {
  console.error(why);
  process.exit(64);
}
