import { hostname } from 'node:os';

/** Names this process everywhere: in the broker, in events, in logs. Like `video-worker@host-1:4711`. */
export function processName(app: string): string {
  return `${app}@${hostname()}:${process.pid}`;
}
