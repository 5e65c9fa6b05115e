import { followStream } from '../api/follow-stream.js';
import type { JobCounts } from '../api/model.js';

/** What the page knows by the gateway's one stream, without asking. */
export interface Live {
  readonly link: 'connecting' | 'live';
  /** How many jobs there are of each status. */
  readonly counts: JobCounts | undefined;
}

type Listener = () => void;

const listeners = new Set<Listener>();
const changeListeners = new Set<Listener>();
let live: Live = { link: 'connecting', counts: undefined };

export function currentLive(): Live {
  return live;
}

/** Calls back whenever `currentLive()` changes; returns how to stop that. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Calls back whenever anything that a list shows may have changed, and after each new connection; returns how to stop that. */
export function onChange(listener: Listener): () => void {
  changeListeners.add(listener);
  return () => void changeListeners.delete(listener);
}

/** Keeps up with the gateway until `signal` aborts. @throws {Problem} when the gateway refuses */
export async function followGateway(signal: AbortSignal): Promise<void> {
  const onMessage = ({ event, data }: { readonly event: string; readonly data: string }): void => {
    if (event === 'counts') show({ counts: JSON.parse(data) as JobCounts });
    tell(changeListeners);
  };
  const onLink = (link: Live['link']): void => {
    show({ link });
    if (link === 'live') tell(changeListeners);
  };
  await followStream('/v1/events', { onMessage, onLink }, signal);
}

function show(change: Partial<Live>): void {
  live = { ...live, ...change };
  tell(listeners);
}

function tell(all: ReadonlySet<Listener>): void {
  for (const listener of all) listener();
}
