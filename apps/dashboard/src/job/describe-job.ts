import { isRecord } from '../is-record.js';

const names: Readonly<Record<string, string>> = {
  'video.transcode': 'Transcode video',
  'video.thumbnails': 'Video thumbnails',
  'image.resize': 'Resize picture',
  'image.generate': 'Generate pictures',
};

/** What people call a job type; one that this page does not know keeps its own name. */
export function jobTypeName(type: string): string {
  return names[type] ?? type;
}

/** What a job was asked to do, in a few words, like `MP4 · 240p · no sound`. */
export function describePayload(type: string, payload: unknown): string {
  if (!isRecord(payload)) return '';
  const words = describers[type]?.(payload) ?? [];
  return words.filter((word) => word !== '').join(' · ');
}

type Payload = Readonly<Record<string, unknown>>;

const describers: Readonly<Record<string, (payload: Payload) => readonly string[]>> = {
  'video.transcode': ({ format, height, width, audio }) => [
    text(format).toUpperCase(),
    height ? `${text(height)}p` : width ? `${text(width)} px wide` : 'source size',
    audio === false ? 'no sound' : '',
  ],
  'video.thumbnails': ({ count, at, width, format }) => [
    pictures(Array.isArray(at) ? at.length : Number(count ?? 1)),
    width ? `${text(width)} px wide` : '',
    text(format),
  ],
  'image.generate': ({ prompt, count }) => [text(prompt).slice(0, 80), pictures(Number(count ?? 1))],
  'image.resize': ({ variants }) =>
    Array.isArray(variants) ? variants.filter(isRecord).map((variant) => text(variant.name)) : [],
};

function pictures(count: number): string {
  return count === 1 ? '1 picture' : `${count} pictures`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
