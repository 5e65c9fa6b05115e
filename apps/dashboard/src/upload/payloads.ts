/** What the forms hold, as people choose it, and the payloads that come of it. Text stays as typed: the gateway checks it. */

export interface TranscodeChoice {
  readonly format: 'mp4' | 'webm';
  readonly height: '240' | '360' | '480' | '720' | 'source';
  readonly audio: boolean;
}

export interface ThumbnailsChoice {
  readonly count: string;
  readonly width: string;
}

export const imageFormats = ['webp', 'jpeg', 'avif', 'png'] as const;
export const imageFits = ['inside', 'cover', 'contain', 'fill', 'outside'] as const;

export interface VariantChoice {
  /** Tells rows apart while they are edited. */
  readonly row: number;
  readonly name: string;
  readonly width: string;
  readonly height: string;
  readonly format: (typeof imageFormats)[number];
  readonly fit: (typeof imageFits)[number];
}

export const firstTranscode: TranscodeChoice = { format: 'mp4', height: '480', audio: true };
export const firstThumbnails: ThumbnailsChoice = { count: '4', width: '320' };

type Preset = Pick<VariantChoice, 'name' | 'width' | 'format'>;
export const presets: readonly Preset[] = [
  { name: 'thumbnail', width: '320', format: 'webp' },
  { name: 'medium', width: '1024', format: 'jpeg' },
  { name: 'large', width: '2048', format: 'avif' },
];

let rows = 0;

/** A row for a preset, with a name that no other row has. */
export function variantOf(preset: Preset, others: readonly VariantChoice[]): VariantChoice {
  const taken = new Set(others.map(({ name }) => name));
  let name = preset.name;
  for (let n = 2; taken.has(name); n++) name = `${preset.name}-${n}`;
  return { ...preset, row: rows++, name, height: '', fit: 'inside' };
}

export function transcodePayload(source: string, { format, height, audio }: TranscodeChoice): object {
  return { source, format, ...(height === 'source' ? {} : { height: Number(height) }), audio };
}

export function thumbnailsPayload(source: string, { count, width }: ThumbnailsChoice): object {
  return { source, ...numberIn('count', count), ...numberIn('width', width), format: 'jpeg' };
}

export function resizePayload(source: string, variants: readonly VariantChoice[]): object {
  return {
    source,
    variants: variants.map(({ name, width, height, format, fit }) => ({
      name,
      ...numberIn('width', width),
      ...numberIn('height', height),
      fit,
      format,
    })),
  };
}

/** An empty field is one that was left out. */
function numberIn(field: string, text: string): object {
  return text.trim() === '' ? {} : { [field]: Number(text) };
}

export function firstVariants(): readonly VariantChoice[] {
  return presets.slice(0, 2).map((preset) => variantOf(preset, []));
}
