import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { discardAll, getDeadLetter, redriveAll } from '../api/dead-letters.js';
import type { Cause, DeadLetter, Redriven } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { type Fresh, useFresh } from '../live/use-fresh.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { NumberField } from '../ui/input-field.js';
import { JsonField, jsonOf } from '../ui/json-field.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';
import { AttemptList } from './attempt-list.js';
import { RedrivenNotice } from './redriven-notice.js';

interface CauseCardProps {
  readonly cause: Cause;
  readonly onDone: () => void;
}

/** One cause: its youngest job with every attempt, and what can be done with all of them. */
export function CauseCard({ cause, onDone }: CauseCardProps): JSX.Element {
  const example = useExample(cause.exampleId);
  const jobs = cause.jobs === 1 ? 'one job' : `${cause.jobs.toLocaleString()} jobs`;
  return (
    <section class="panel" aria-labelledby="cause-title" data-open-cause={cause.cause}>
      <h2 id="cause-title">{cause.title}</h2>
      <p>
        <a href={href(['jobs'], { cause: cause.cause })}>{jobs}</a> of {cause.type}, code{' '}
        <code>{cause.code}</code>
      </p>
      <RedriveForm cause={cause} jobs={jobs} payload={example.value?.payload} onDone={onDone} />
      <h3>
        Attempts of the youngest, <a href={href(['jobs', cause.exampleId])}>{cause.exampleId.slice(-8)}</a>
      </h3>
      <ProblemNotice problem={example.problem} />
      {example.value && <AttemptList attempts={example.value.attempts} />}
    </section>
  );
}

/** Read once: what became of a dead letter does not change while it is one, and when it runs anew, it is none any more. */
function useExample(id: string): Fresh<DeadLetter> {
  const known = useRef<DeadLetter>(undefined);
  return useFresh(async (signal) => {
    if (known.current?.id !== id) known.current = await getDeadLetter(id, signal);
    return known.current;
  }, id);
}

function RedriveForm(
  props: CauseCardProps & { readonly jobs: string; readonly payload: unknown },
): JSX.Element {
  const { cause, jobs, payload, onDone } = props;
  const selection = { cause: cause.cause };
  const [patch, setPatch] = useState('');
  const [perSecond, setPerSecond] = useState('10');
  const [problem, setProblem] = useState<Problem>();
  const [redriven, setRedriven] = useState<Redriven>();
  const parsed = jsonOf(patch);
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined);
    await work().catch((error: unknown) => setProblem(asProblem(error)));
    onDone();
  };
  const redrive = (): Promise<void> =>
    attempt(async () => {
      const rate = Number(perSecond) > 0 ? { perSecond: Number(perSecond) } : {};
      setRedriven(await redriveAll(selection, { ...(parsed.value ? { patch: parsed.value } : {}), ...rate }));
    });
  return (
    <div class="stack">
      <JsonField
        name="patch"
        label="Change in each payload (a JSON merge patch; may be empty)"
        value={patch}
        placeholder={'{ "height": 480 }'}
        error={parsed.error}
        onChange={setPatch}
      />
      {payload !== undefined && (
        <details>
          <summary>Payload of the youngest</summary>
          <pre>{JSON.stringify(payload, undefined, 2)}</pre>
        </details>
      )}
      <NumberField name="perSecond" label="Jobs a second" value={perSecond} onChange={setPerSecond} />
      <div class="actions">
        {!parsed.error && (
          <ConfirmButton label={`Redrive ${jobs}`} question={`Let ${jobs} run anew?`} onConfirm={redrive} />
        )}
        <ConfirmButton
          label={`Discard ${jobs}`}
          question={`Forget ${jobs}?`}
          onConfirm={() => attempt(() => discardAll(selection))}
        />
      </div>
      <ProblemNotice problem={problem} />
      {redriven && <RedrivenNotice redriven={redriven} />}
    </div>
  );
}
