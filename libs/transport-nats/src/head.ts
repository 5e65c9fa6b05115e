import { type Msg, type MsgHdrs, MsgHdrsImpl } from 'nats';

/** The headers of a message by name; of several under one name, the first. */
export type Head = ReadonlyMap<string, string>;

const emptyHead: Head = new Map();
const version = 'NATS/1.0';

/**
 * Headers that are text already. What the client makes of each header that is set one by one (its name made canonical, all others searched for it) costs
 * more than the rest of a message.
 */
export class WireHead extends MsgHdrsImpl {
  readonly #lines: string;

  /** `lines`: `name: value` each, ended by CR LF. */
  constructor(lines: string) {
    super();
    this.#lines = lines;
  }

  override encode(): Uint8Array {
    return Buffer.from(`${version}\r\n${this.#lines}\r\n`);
  }
}

/** The head of a message that came on a subscription. */
export function headOf(message: Msg): Head {
  const bytes = headBytes(message);
  return bytes ? parseHead(bytes) : headFrom(message.headers);
}

/** The head that the client has read already. */
export function headFrom(headers: MsgHdrs | undefined): Head {
  return headers ? new Map([...headers].map(([name, values]) => [name, values[0] ?? ''])) : emptyHead;
}

export function parseHead(bytes: Uint8Array): Head {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const head = new Map<string, string>();
  for (let from = text.indexOf('\r\n') + 2, to; (to = text.indexOf('\r\n', from)) > from; from = to + 2) {
    const colon = text.indexOf(':', from);
    if (colon < 0 || colon > to) continue;
    const name = text.slice(from, colon);
    if (!head.has(name)) head.set(name, text.slice(colon + 1, to).trim());
  }
  return head;
}

/** A message of the client, whose type does not tell of its bytes. */
interface Read extends Msg {
  readonly _msg: { readonly hdr: number };
  readonly _rdata: Uint8Array;
}

/** The bytes as they were read, where the client still keeps them under these names. */
function headBytes(message: Msg): Uint8Array | undefined {
  const { _msg, _rdata } = message as Partial<Read>;
  const length = _msg?.hdr;
  return _rdata && length !== undefined && length > 0 ? _rdata.subarray(0, length) : undefined;
}
