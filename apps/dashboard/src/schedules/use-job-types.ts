import { useState } from 'preact/hooks';
import { listQueues } from '../api/queues.js';
import { usePolling } from '../ui/use-polling.js';

/** They change only when the gateway starts anew; asking costs the broker a look at every queue. */
const everyMs = 60_000;

/** The job types that the gateway takes; none until it has said so. */
export function useJobTypes(): readonly string[] {
  const [types, setTypes] = useState<readonly string[]>([]);
  usePolling(
    async (signal) => {
      try {
        const { items } = await listQueues(signal);
        if (!signal.aborted) setTypes(items.map(({ name }) => name));
      } catch {
        // The list above says that the gateway does not answer; a minute later this asks again.
      }
    },
    everyMs,
    '',
  );
  return types;
}
