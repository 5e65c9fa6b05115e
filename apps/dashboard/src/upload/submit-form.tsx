import type { ComponentChildren, JSX } from 'preact';
import { ProblemNotice } from '../ui/problem-notice.js';
import type { Submission } from './use-submission.js';

interface SubmitFormProps {
  readonly submission: Submission;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

/** A form whose fields the gateway checks, with what it had to say above the button. */
export function SubmitForm({ submission, onSubmit, children }: SubmitFormProps): JSX.Element {
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <ProblemNotice problem={submission.problem} />
      <button id="submit" type="submit" class="primary" disabled={submission.busy}>
        {submission.busy ? 'Starting…' : 'Start job'}
      </button>
    </form>
  );
}
