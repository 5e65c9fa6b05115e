import type { Health } from '../api/model.js';
import { unreachable } from '../api/problem.js';
import { link, live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { useSession } from '../ui/use-session.js';

/** How the system is, in a word and a sentence. */
export interface HealthLine {
  readonly tone: 'unknown' | 'good' | 'degraded' | 'down';
  readonly text: string;
}

export function useHealth(): HealthLine {
  const { refusal } = useSession();
  const health = useStore(live.health);
  const state = useStore(link);
  if (refusal !== undefined) return { tone: 'unknown', text: 'Waits for a key' };
  if (state === 'lost') return { tone: 'down', text: unreachable().detail };
  return health ? lineOf(health) : { tone: 'unknown', text: 'Checking…' };
}

function lineOf({ status, details }: Health): HealthLine {
  const ill = Object.entries(details).filter(([, detail]) => detail.status !== 'up');
  if (status === 'ok' && ill.length === 0) return { tone: 'good', text: 'All systems ready' };
  const causes = ill.map(([name, detail]) => `${name}: ${detail.message ?? detail.status}`);
  const down = ill.some(([, detail]) => detail.status === 'down');
  return { tone: down ? 'down' : 'degraded', text: [down ? 'Down' : 'Degraded', ...causes].join(' · ') };
}
