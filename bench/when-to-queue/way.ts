/** One way to draw a picture after the answer was given: a promise that nobody awaits, or Heavylift on some broker. */
export interface Way {
  readonly name: string;
  /** Asks for a square picture; resolves with its id once that is accepted (202). */
  submit(side: number): Promise<string>;
  isDone(id: string): Promise<boolean>;
  /** From the acceptance to the start of the work, in milliseconds; undefined when it cannot be told. */
  waitMs(id: string): Promise<number | undefined>;
  /** The cheapest request there is. */
  ping(): Promise<void>;
  /** Ends all its processes, the broker's apart, by SIGKILL, and starts them again. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function call(url: string, body?: object): Promise<Response> {
  const response = await fetch(
    url,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  if (response.status >= 500) throw new Error(`${url} answered ${response.status}`);
  return response;
}
