import type { FieldError, JobStatus } from '@heavylift/core';
import { Problem } from '../problems/problem.js';
import type { JobSelection } from '../store/index.js';
import { notValid } from './jobs.service.js';
import { parseSelection } from './job-query.js';

/** What can be done to many jobs. */
export type BulkAction = 'cancel' | 'retry';

/** Which statuses it can be done to, in the order in which a job goes through them, so that one that moves on is met again. */
export const bulkStatuses: Readonly<Record<BulkAction, readonly JobStatus[]>> = {
  cancel: ['scheduled', 'queued', 'retrying', 'running'],
  retry: ['failed', 'cancelled'],
};

/** The body of `POST /v1/jobs/cancel` and `/v1/jobs/retry`. */
export interface BulkRequest {
  /** As `GET /v1/jobs` takes it. */
  readonly filter: JobSelection;
  /** Only counts. */
  readonly dryRun: boolean;
  /** The body's own words for the filter, for the audit trail. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** @throws {Problem} 422 naming each wrong field; when it would select everything by saying nothing */
export function parseBulkRequest(what: BulkAction, body: unknown): BulkRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw notValid('body.invalid', [{ path: '', message: 'must be an object' }]);
  const { dryRun, ...asked } = body as Record<string, unknown>;
  const { selection, errors } = parseSelection(asked);
  errors.push(...errorsOf(what, selection, dryRun));
  if (errors.length > 0) throw notValid('body.invalid', errors);
  if (Object.keys(selection).length === 0)
    throw new Problem(
      422,
      'selection.empty',
      'say which: status, type, cause, scheduleId, id, or several of them',
    );
  return { filter: selection, dryRun: dryRun === true, asked };
}

function errorsOf(what: BulkAction, { status }: JobSelection, dryRun: unknown): readonly FieldError[] {
  const possible = bulkStatuses[what];
  return [
    ...(status === undefined || possible.includes(status)
      ? []
      : [{ path: 'status', message: `must be one of ${possible.join(', ')} to ${what}` }]),
    ...(dryRun === undefined || typeof dryRun === 'boolean'
      ? []
      : [{ path: 'dryRun', message: 'must be true or false' }]),
  ];
}
