import type { Counted, Sampled, Span } from './sql-statistics.js';

/** The part of the store that knows how it went: counted with each event that changes a job, in the same transaction, so that it is exact and survives restarts. */
export interface StatisticsBook {
  /** What was counted in a span, summed up per point, in no order. */
  statistics(span: Span): Promise<Counted[]>;

  /** The samples of a span, one per point, name and type, in no order. */
  samples(span: Span): Promise<Sampled[]>;

  /** Notes what is seen now. */
  saveSamples(samples: readonly Omit<Sampled, 'at'>[]): Promise<void>;

  /** Forgets minutes after two days, and the rest after ninety; says how many rows. */
  forgetStatistics(): Promise<number>;
}
