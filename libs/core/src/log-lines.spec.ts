import { describe, expect, it } from '@jest/globals';
import { cutLine, linesOf } from './log-lines.js';

describe('lines of a log', () => {
  it('come one by one out of a text, without empty ones', () => {
    expect(linesOf('one\ntwo\r\n\n  three\r')).toEqual(['one', 'two', '  three']);
    expect(linesOf('')).toEqual([]);
  });

  it('have no control characters and no colours', () => {
    expect(cutLine('\u001b[31mred\u001b[0m\u0000 and\tblue\u0007\u009b')).toBe('red and blue');
  });

  it('are cut at 2,000 characters, and say so', () => {
    expect(cutLine('a'.repeat(2_000))).toBe('a'.repeat(2_000));
    const cut = cutLine('a'.repeat(2_001));
    expect(cut).toBe(`${'a'.repeat(1_999)}…`);
  });

  it('are well-formed, also when the cut goes through a character of two units', () => {
    expect(cutLine(`${'a'.repeat(1_998)}😀😀`)).toBe(`${'a'.repeat(1_998)}\ufffd…`);
    expect(cutLine('😀')).toBe('😀');
  });
});
