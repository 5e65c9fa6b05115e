import { describe, expect, it } from '@jest/globals';
import { headers, type Msg, MsgHdrsImpl } from 'nats';
import { headFrom, headOf, parseHead, WireHead } from './head.js';

const lines = 'Nats-Msg-Id: a:1:0\r\nnote: x: y \r\n\u00fcber: \r\n';
const read = { 'Nats-Msg-Id': 'a:1:0', note: 'x: y', über: '' };

/** Never matches. */
const none = /(?!)/y;

describe('head of a message', () => {
  it('is read as it was written', () => {
    const head = parseHead(new WireHead(lines).encode());
    expect(Object.fromEntries(head.others(none))).toEqual(read);
    expect(Object.keys(read).map((name) => head.get(name))).toEqual(Object.values(read));
    expect(head.get('not')).toBeUndefined();
  });

  it('tells of all headers but those that are spoken for', () => {
    const head = parseHead(new WireHead(lines).encode());
    expect(head.others(/nats-/iy)).toEqual(Object.entries(read).slice(1));
  });

  it('is on the wire what the client makes of the same headers', () => {
    const theirs = headers() as MsgHdrsImpl;
    theirs.set('Nats-Msg-Id', 'a:1:0');
    theirs.set('Note', 'x: y');
    const ours = new WireHead('Nats-Msg-Id: a:1:0\r\nNote: x: y\r\n');
    expect(Buffer.from(ours.encode())).toEqual(Buffer.from(theirs.encode()));
  });

  it('has of several headers under one name the first, whoever read it', () => {
    const bytes = new WireHead('a: 1\r\na: 2\r\n').encode();
    expect(parseHead(bytes).get('a')).toBe('1');
    expect(headFrom(MsgHdrsImpl.decode(bytes)).get('a')).toBe('1');
  });

  it('takes what is no header, or none at all', () => {
    expect(parseHead(Buffer.from('NATS/1.0 503 No Responders\r\n\r\n')).others(none)).toEqual([]);
    expect(parseHead(Buffer.from('NATS/1.0\r\nnonsense\r\na: 1\r\n\r\n')).get('a')).toBe('1');
    expect(parseHead(new Uint8Array()).others(none)).toEqual([]);
  });

  it('is that of the client where the client keeps no bytes', () => {
    const message = { headers: MsgHdrsImpl.decode(new WireHead('a: 1\r\n').encode()) } as unknown as Msg;
    expect(headOf(message).get('a')).toBe('1');
    expect(headOf({} as Msg).others(none)).toEqual([]);
  });
});
