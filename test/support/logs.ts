import type { Api } from './api.js';

/** Lines that handlers of a job wrote, as a client reads them. */
export interface Log {
  readonly items: readonly { readonly at: string; readonly attempt: number; readonly line: string }[];
  readonly omitted: number;
  readonly seq: number;
}

export async function logOf(api: Api, id: string): Promise<Log> {
  return (await api.get<Log>(`/v1/jobs/${id}/logs`)).body;
}

/** What a job's stream told of its log. */
export function logPartsIn(stream: string): Log[] {
  return [...stream.matchAll(/^event: logged\ndata: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Log);
}

/** Each line with its attempt before it. */
export function linesOf({ items }: Log): string[] {
  return items.map(({ attempt, line }) => `${attempt}: ${line}`);
}
