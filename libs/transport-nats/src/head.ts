import { type Msg, type MsgHdrs, MsgHdrsImpl } from 'nats';

/** The headers of a message by name; of several under one name, the first. */
export interface Head {
  /** All of it, as it stands on the wire. */
  readonly text: string;
  get(name: string): string | undefined;
  /** All but those whose name begins as the pattern says, which is sticky. */
  others(reserved: RegExp): (readonly [name: string, value: string])[];
}

const version = 'NATS/1.0';
const lineEnd = '\r\n';

/** `lines`: `name: value` each, ended by CR LF. */
export function headText(lines: string): string {
  return `${version}${lineEnd}${lines}${lineEnd}`;
}

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
    return Buffer.from(headText(this.#lines));
  }
}

/** The head of a message that came on a subscription. */
export function headOf(message: Msg): Head {
  const bytes = headBytes(message);
  return bytes ? parseHead(bytes) : headFrom(message.headers);
}

/** The head that the client has read already. */
export function headFrom(headers: MsgHdrs | undefined): Head {
  const lines = [...(headers ?? [])].map(([name, values]) => `${name}:${values[0] ?? ''}${lineEnd}`);
  return new TextHead(lineEnd + lines.join('') + lineEnd);
}

export function parseHead(bytes: Uint8Array): Head {
  return new TextHead(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** Searched, not taken apart, as each of a dozen headers is asked for once: with the bodies' copies in the pool, 3 µs of 26 for an empty job. */
class TextHead implements Head {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get(name: string): string | undefined {
    const at = this.text.indexOf(`${lineEnd}${name}:`);
    if (at < 0) return undefined;
    const from = at + lineEnd.length + name.length + 1;
    return this.text.slice(from, this.text.indexOf(lineEnd, from)).trim();
  }

  others(reserved: RegExp): (readonly [string, string])[] {
    const { text } = this;
    const found: (readonly [string, string])[] = [];
    for (let at = text.indexOf(lineEnd) + 2, to; (to = text.indexOf(lineEnd, at)) > at; at = to + 2) {
      reserved.lastIndex = at;
      if (reserved.test(text)) continue;
      const colon = text.indexOf(':', at);
      if (colon >= 0 && colon < to) found.push([text.slice(at, colon), text.slice(colon + 1, to).trim()]);
    }
    return found;
  }
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
