import { useState } from 'preact/hooks';
import { submitJob } from '../api/api.js';
import type { Job } from '../api/model.js';
import { asProblem, errorsByPath, type Problem } from '../api/problem.js';

export interface Submission {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** What is wrong with a field, by its path in the payload. */
  readonly errors: ReadonlyMap<string, string>;
  submit(type: string, payload: object): void;
  /** Takes the last problem away. */
  forget(): void;
}

/** Submitting a job, one at a time. */
export function useSubmission(onSubmitted: (job: Job) => void): Submission {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async (type: string, payload: object): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      onSubmitted(await submitJob(type, payload));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    problem,
    errors: errorsByPath(problem),
    submit: (type, payload) => void send(type, payload),
    forget: () => setProblem(undefined),
  };
}
