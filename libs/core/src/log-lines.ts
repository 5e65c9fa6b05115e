import { stripVTControlCharacters } from 'node:util';

/** In UTF-16 units, the sign that says it was cut included. */
const longestLine = 2_000;
/** Far beyond what is kept of a text. */
const longestText = 1_000_000;

const controls = /[\u0000-\u001f\u007f-\u009f]/g;

/** The lines of a text, without empty ones. */
export function linesOf(text: string): string[] {
  const lines = text.slice(0, longestText).split(/\r\n|\n|\r/);
  return lines.map(cutLine).filter((line) => line !== '');
}

/** A line of at most 2,000 characters, well-formed, without control characters and colours; a tab becomes a space. */
export function cutLine(text: string): string {
  const start = text.slice(0, 4 * longestLine);
  const line = stripVTControlCharacters(start.replaceAll('\t', ' ')).replaceAll(controls, '').trimEnd();
  return (line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line).replaceAll(
    /\p{Surrogate}/gu,
    '\ufffd',
  );
}
