import type { StatisticsBook } from '../store/index.js';
import { spanOf, type StatisticsQuery } from './statistics-query.js';
import { type StatisticsView, statisticsView } from './statistics-view.js';

/** Tells how it went, from what was counted and sampled. */
export class StatisticsService {
  constructor(
    private readonly book: Pick<StatisticsBook, 'statistics' | 'samples'>,
    private readonly now: () => number = Date.now,
  ) {}

  async read(query: StatisticsQuery): Promise<StatisticsView> {
    const span = spanOf(query, this.now());
    const [counted, sampled] = await Promise.all([this.book.statistics(span), this.book.samples(span)]);
    return statisticsView(span, counted, sampled);
  }
}
