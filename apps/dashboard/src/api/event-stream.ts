/** One message of a Server-Sent Events stream. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Takes a stream's text piece by piece, cut anywhere, and gives the messages that are whole. Comments are passed over. */
export class EventStreamParser {
  #rest = '';

  push(text: string): readonly StreamMessage[] {
    const blocks = (this.#rest + text).split(/\r\n\r\n|\n\n|\r\r/);
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parseBlock).filter((message) => message !== undefined);
  }
}

function parseBlock(block: string): StreamMessage | undefined {
  const fields = new Map<string, string[]>();
  for (const line of block.split(/\r\n|\n|\r/)) {
    const [, name, value] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name) fields.set(name, [...(fields.get(name) ?? []), value ?? '']);
  }
  const data = fields.get('data');
  if (!data) return undefined;
  return {
    id: fields.get('id')?.at(-1),
    event: fields.get('event')?.at(-1) ?? 'message',
    data: data.join('\n'),
  };
}

/**
 * The messages of an answer's body, until it ends.
 * @param onBytes called whenever anything comes, a comment that keeps the connection alive included
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamMessage, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventStreamParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel();
  }
}
