/** What a player can be told to do; arguments and answers are JSON. */
export type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

export interface Order {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Makes this process a player: it does what its parent calls, and ends with it. */
export function play(calls: Calls): void {
  process.on('message', (order: Order) => void answer(calls, order));
  process.on('disconnect', () => process.exit());
}

async function answer(calls: Calls, { id, call, args }: Order): Promise<void> {
  const reply = await calls[call]!(...(args as never[])).then(
    (value): Reply => ({ id, value }),
    (error: unknown): Reply => ({ id, error: error instanceof Error ? error.stack! : String(error) }),
  );
  process.send?.(reply);
}
