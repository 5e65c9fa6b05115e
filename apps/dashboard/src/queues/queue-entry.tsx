import type { JSX } from 'preact';
import { pauseQueue, type Queue, resumeQueue } from '../api/queues.js';
import { formatAge } from '../format.js';
import { Fact } from '../ui/fact.js';
import { PauseButton } from '../ui/pause-button.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';
import { useAction } from '../ui/use-action.js';
import { PurgeForm } from './purge-form.js';
import { RateForm } from './rate-form.js';

interface QueueEntryProps {
  readonly queue: Queue;
  readonly now: number;
}

export function QueueEntry({ queue, now }: QueueEntryProps): JSX.Element {
  const { name, paused, ratePerMinute } = queue;
  const { busy, problem, act } = useAction();
  return (
    <li class="entry" data-queue={name} data-paused={paused}>
      <div class="entry-header">
        <h3>
          <a href={href(['jobs'], { type: name })}>{name}</a>
        </h3>
        {paused && <span class="badge badge-retrying">paused</span>}
        {ratePerMinute !== null && <span class="badge">{ratePerMinute.toLocaleString()} a minute</span>}
      </div>
      <QueueFacts queue={queue} now={now} />
      <div class="actions">
        <PauseButton
          name={name}
          paused={paused}
          disabled={busy}
          onPause={() => void act(() => pauseQueue(name))}
          onResume={() => void act(() => resumeQueue(name))}
        />
      </div>
      <details>
        <summary>Limit or purge</summary>
        <div class="stack">
          <RateForm key={ratePerMinute} queue={queue} />
          <PurgeForm name={name} />
        </div>
      </details>
      <ProblemNotice problem={problem} />
    </li>
  );
}

function QueueFacts({ queue, now }: QueueEntryProps): JSX.Element {
  const { ready, inFlight, deadLettered, workers, oldestAt } = queue;
  return (
    <dl class="facts wide">
      <Fact name="Ready">{ready.toLocaleString()}</Fact>
      <Fact name="In flight">{inFlight.toLocaleString()}</Fact>
      <Fact name="Dead letters">
        {deadLettered === null ? (
          'not known'
        ) : (
          <a href={href(['dead-letters'])}>{deadLettered.toLocaleString()}</a>
        )}
      </Fact>
      <Fact name="Workers">{workers.toLocaleString()}</Fact>
      <Fact name="Oldest waits">{ready > 0 && oldestAt ? formatAge(now - Date.parse(oldestAt)) : '–'}</Fact>
    </dl>
  );
}
