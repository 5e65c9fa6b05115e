import { changedFields } from '../audit/changed-fields.js';
import type { AuditEntry } from '../store/index.js';
import type { DeadLetterSelection, RedriveRequest } from './dead-letter-requests.js';
import type { Redriven } from './dead-letters.service.js';

type Detail = AuditEntry['detail'];

const mostIdsNamed = 10;
const mostFieldsNamed = 50;

/** What a bulk action was done to, in a word. */
export function targetOf({ cause, type, ids }: DeadLetterSelection): string {
  return cause ?? type ?? (ids?.length === 1 ? ids[0]! : 'dead-letters');
}

/** The fields that a patch touches are named; what it puts there may be nobody else's business. */
export function noteOfRedrive(
  { patch, perSecond, ...selection }: RedriveRequest,
  redriven: Redriven,
): Detail {
  return {
    ...filterOf(selection),
    ...(patch ? { patched: Object.keys(patch).slice(0, mostFieldsNamed) } : {}),
    ...(perSecond ? { perSecond } : {}),
    redriven: redriven.redriven,
    refused: redriven.refusedInAll,
  };
}

export function noteOfDiscard(selection: DeadLetterSelection, discarded: number): Detail {
  return { ...filterOf(selection), discarded };
}

/** Names the fields of a payload that were mended. */
export function noteOfMend(before: unknown, after: object | undefined): Detail {
  return after ? { mended: changedFields(before as object, after) } : {};
}

function filterOf({ type, cause, ids }: DeadLetterSelection): Detail {
  return {
    ...(type ? { type } : {}),
    ...(cause ? { cause } : {}),
    ...(ids ? { ids: ids.slice(0, mostIdsNamed), idsInAll: ids.length } : {}),
  };
}
