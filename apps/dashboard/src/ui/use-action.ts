import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/problem.js';

export interface Action {
  readonly busy: boolean;
  /** Why the last one failed. */
  readonly problem: Problem | undefined;
  /** Never rejects; says whether it was done. */
  act(work: () => Promise<unknown>): Promise<boolean>;
}

/** Doing something at the gateway, with what it had to say against it. What it changed, the live stream tells. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act };
}
