import type { Stage } from './stage.ts';

export const brokers = ['rabbitmq', 'nats', 'embedded'] as const;
export type Broker = (typeof brokers)[number];

/** What one round of a contestant showed, by the name of the measure. */
export type Figures = Readonly<Record<string, number>>;

/** Who is measured. All of them are open at once and take turns, so that what else the machine does meets each of them. */
export interface Contestant {
  readonly name: string;
  /** Begins and ends with nothing in hand, so that the next one has the machine for itself. */
  round(): Promise<Figures>;
  close(): Promise<void>;
}

/** What is measured, in the file of its name. */
export interface Scenario {
  /** One sentence for the head of its results. */
  readonly about: string;
  /** What the figures are, by the name of the measure: a unit, and whether more or less of it is better. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** The rounds of a whole run. Default: 5. */
  readonly rounds?: number;
  /** Whether each plays a round first that does not count: V8 compiles what it runs often, and these are programs that run for days. */
  readonly warmsUp?: boolean;
  /** The first one is ours: it is held against each of the others. */
  open(stage: Stage): Promise<readonly Contestant[]>;
}

export interface Measure {
  readonly unit: string;
  readonly better: 'more' | 'less';
}

export const perSecond: Measure = { unit: '/s', better: 'more' };
export const milliseconds: Measure = { unit: 'ms', better: 'less' };
export const mebibytes: Measure = { unit: 'MiB', better: 'less' };
