import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type AuditEntry, listAudit } from '../api/audit.js';
import type { Change } from '../live/live.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { deedOf, detailOf, targetOf } from './describe-entry.js';

const ofAudit: readonly Change[] = ['audit'];

/** Who did what, newest first. */
export function AuditPlace(): JSX.Element {
  const [pages, setPages] = useState(1);
  const [shown, setShown] = useState<readonly AuditEntry[]>([]);
  const { value, problem } = useFresh(
    async (signal) => {
      const found = await listAudit(pages, signal);
      setShown(found.items);
      return found;
    },
    `audit ${pages}`,
    ofAudit,
  );
  return (
    <section class="panel" aria-labelledby="audit-title">
      <h2 id="audit-title">Audit trail</h2>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <p class="muted empty">Nothing was done yet.</p>}
      <ul class="rows" data-testid="audit">
        {shown.map((entry) => (
          <AuditRow key={entry.id} entry={entry} />
        ))}
      </ul>
      {value?.nextCursor && (
        <p class="pager">
          <button type="button" class="quiet" onClick={() => setPages(pages + 1)}>
            Load more
          </button>
        </p>
      )}
    </section>
  );
}

function AuditRow({ entry }: { readonly entry: AuditEntry }): JSX.Element {
  const target = targetOf(entry);
  const detail = detailOf(entry);
  return (
    <li class="audit-row" data-audit={entry.action}>
      <time class="muted number" dateTime={entry.at}>
        {new Date(entry.at).toLocaleString()}
      </time>
      <span>
        <strong>{entry.who}</strong> {deedOf(entry)}{' '}
        {target.href ? <a href={target.href}>{target.text}</a> : target.text}
        {detail && <span class="muted"> {detail}</span>}
      </span>
    </li>
  );
}
