import type { JobStatus } from '@heavylift/core';
import { newId } from '@heavylift/nestjs';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { DeadLettersService } from '../dead-letters/dead-letters.service.js';
import type { JobSelection, JobStore } from '../store/index.js';
import { type BulkAction, type BulkRequest, bulkStatuses } from './bulk-request.js';
import { cancelMany, type CancelManyOptions, pages } from './cancel-many.js';

export interface BulkJobsOptions extends CancelManyOptions {
  readonly store: Pick<JobStore, 'list' | 'counts'>;
  readonly letters: Pick<DeadLettersService, 'retryMany'>;
  readonly audit: AuditTrail;
}

/** What became of a request to do something to many jobs. */
export interface BulkAnswer {
  /** Jobs that it could be done to when it began. */
  readonly matched: number;
  /** Jobs that it was done to; none of a dry run. */
  readonly done: number;
}

/** Does to many jobs what can be done to one: batch by batch, so that a hundred thousand are no more trouble than ten. */
export class BulkJobs {
  readonly #options: BulkJobsOptions;

  constructor(options: BulkJobsOptions) {
    this.#options = options;
  }

  /** Ends those that have not ended. */
  cancel(request: BulkRequest, who: string): Promise<BulkAnswer> {
    return this.#each('cancel', request, who);
  }

  /** Lets those that failed or were cancelled run anew. */
  retry(request: BulkRequest, who: string): Promise<BulkAnswer> {
    return this.#each('retry', request, who);
  }

  async #each(what: BulkAction, { filter, dryRun, asked }: BulkRequest, who: string): Promise<BulkAnswer> {
    const statuses = bulkStatuses[what].filter((one) => filter.status === undefined || filter.status === one);
    const counts = await this.#options.store.counts(filter);
    const matched = statuses.reduce((sum, status) => sum + counts[status], 0);
    if (dryRun) return { matched, done: 0 };
    const done = await (what === 'cancel'
      ? cancelMany(this.#options, filter, statuses)
      : this.#retry(filter, statuses));
    await this.#options.audit.note(who, `jobs.${what}`, 'jobs', { ...asked, matched, done });
    return { matched, done };
  }

  async #retry(filter: JobSelection, statuses: readonly JobStatus[]): Promise<number> {
    const from = newId();
    let retried = 0;
    for (const status of statuses)
      for await (const jobs of pages(this.#options.store, { ...filter, status }, from))
        retried += (await this.#options.letters.retryMany(jobs)).length;
    return retried;
  }
}
