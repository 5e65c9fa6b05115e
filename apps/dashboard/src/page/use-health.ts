import { useState } from 'preact/hooks';
import { getHealth } from '../api/api.js';
import { asProblem } from '../api/problem.js';
import { usePolling } from '../ui/use-polling.js';

const refreshMs = 10_000;

/** How the system is, in a word and a sentence. */
export interface HealthLine {
  readonly tone: 'unknown' | 'good' | 'degraded' | 'down';
  readonly text: string;
}

export function useHealth(): HealthLine {
  const [line, setLine] = useState<HealthLine>({ tone: 'unknown', text: 'Checking…' });
  usePolling(
    async (signal) => {
      const found = await readHealth(signal);
      if (!signal.aborted) setLine(found);
    },
    refreshMs,
    '',
  );
  return line;
}

async function readHealth(signal: AbortSignal): Promise<HealthLine> {
  try {
    const { status, details } = await getHealth(signal);
    const ill = Object.entries(details).filter(([, detail]) => detail.status !== 'up');
    if (status === 'ok' && ill.length === 0) return { tone: 'good', text: 'All systems ready' };
    const causes = ill.map(([name, detail]) => `${name}: ${detail.message ?? detail.status}`);
    const down = ill.some(([, detail]) => detail.status === 'down');
    return { tone: down ? 'down' : 'degraded', text: [down ? 'Down' : 'Degraded', ...causes].join(' · ') };
  } catch (error) {
    return { tone: 'down', text: asProblem(error).detail };
  }
}
