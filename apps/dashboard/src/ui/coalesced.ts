/**
 * Work that is asked for often and needs to run once: at most one run at a time, and one more after it if it was asked for
 * meanwhile.
 * @param work handles its own errors
 */
export function coalesced(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await work();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
