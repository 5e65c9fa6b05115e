import { median } from './numbers.ts';
import type { Machine } from './machine.ts';
import type { Broker, Figures, Measure, Scenario } from './scenario.ts';

/** The rounds of one contestant. */
export interface Rounds {
  readonly contestant: string;
  readonly rounds: readonly Figures[];
}

/** What a run showed, as it is written to `bench/results`. */
export interface Report {
  readonly scenario: string;
  readonly broker: Broker;
  readonly about: string;
  readonly small: boolean;
  readonly at: string;
  readonly machine: Machine;
  readonly measures: Scenario['measures'];
  /** Ours, by the measure, divided by the median of each other contestant. */
  readonly ratios: Readonly<Record<string, Figures>>;
  readonly medians: Readonly<Record<string, Figures>>;
  readonly rounds: readonly Rounds[];
}

type Head = Pick<Report, 'scenario' | 'broker' | 'about' | 'small' | 'at' | 'machine' | 'measures'>;

export function reportOf(head: Head, rounds: readonly Rounds[]): Report {
  const medians = Object.fromEntries(rounds.map((one) => [one.contestant, mediansOf(one.rounds)]));
  const [ours, ...others] = rounds.map(({ contestant }) => contestant);
  const ratios = others.map((other) => [other, ratiosOf(medians[ours!]!, medians[other]!)] as const);
  return { ...head, ratios: Object.fromEntries(ratios), medians, rounds };
}

/** Ratios first: figures in themselves move with the machine. */
export function markdownOf({ broker, measures, ratios, medians, rounds }: Report): string {
  const [ours] = Object.keys(medians);
  const names = Object.keys(measures);
  const head = [`| ${broker} | ${names.map((name) => titleOf(name, measures[name]!)).join(' | ')} |`];
  head.push(`| --- |${names.map(() => ' ---: |').join('')}`);
  const row = (title: string, figures: Figures, show: (value: number) => string): string =>
    `| ${title} | ${names.map((name) => (figures[name] === undefined ? '' : show(figures[name]))).join(' | ')} |`;
  const lines = Object.entries(ratios).map(([other, figures]) =>
    row(`**${ours} : ${other}**`, figures, (value) => `**${value.toFixed(2)}**`),
  );
  const figures = Object.entries(medians).map(([name, values]) => row(name, values, shown));
  const count = rounds[0]!.rounds.length;
  const foot = count > 1 ? `\nMedians of ${count} rounds, interleaved.\n` : '\nOne round.\n';
  return [...head, ...lines, ...figures, foot].join('\n');
}

/** What the figures were measured on, in one line. */
export function machineLine({ machine, at, small }: Report): string {
  const { cores, processor, memoryGiB, kernel, node, loadBefore } = machine;
  const versions = (of: Readonly<Record<string, string>>): string =>
    Object.entries(of)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ');
  return [
    `${small ? 'A small run, which says nothing about speed. ' : ''}${cores} cores (${processor}), ${memoryGiB} GiB,`,
    `Linux ${kernel}, Node ${node}, ${versions(machine.servers)}; ${versions(machine.packages)}.`,
    `Load before: ${loadBefore}. ${at.slice(0, 16).replace('T', ' ')} UTC.`,
  ].join(' ');
}

function titleOf(name: string, { unit, better }: Measure): string {
  return `${name}, ${unit}${better === 'less' ? ' (less is better)' : ''}`;
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const names = new Set(rounds.flatMap((figures) => Object.keys(figures)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(rounds.flatMap((one) => one[name] ?? []))]),
  );
}

function ratiosOf(ours: Figures, other: Figures): Figures {
  const shared = Object.keys(ours).filter((name) => other[name] !== undefined);
  return Object.fromEntries(shared.map((name) => [name, ours[name]! / other[name]!]));
}

function shown(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value < 10 ? 2 : 1);
}
