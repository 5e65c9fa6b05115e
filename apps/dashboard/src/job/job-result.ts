import type { Job } from '../api/model.js';
import { formatMoment } from '../format.js';
import { isRecord } from '../is-record.js';

/** A picture that a job made. */
export interface ResultPicture {
  readonly asset: string;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly bytes?: number;
}

export interface ResultVideo {
  readonly asset: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly durationSeconds: number;
  readonly codecs: string;
}

/** A job's result by the way in which it is shown; one of a type that this page does not know is shown as data. */
export type JobResult =
  | { readonly kind: 'video'; readonly video: ResultVideo }
  | { readonly kind: 'pictures'; readonly pictures: readonly ResultPicture[] }
  | { readonly kind: 'data'; readonly data: unknown };

export function jobResult({ type, result }: Pick<Job, 'type' | 'result'>): JobResult {
  if (!isRecord(result)) return { kind: 'data', data: result };
  if (type === 'video.transcode' && typeof result.asset === 'string')
    return { kind: 'video', video: videoOf(result, result.asset) };
  if (type === 'video.thumbnails' && Array.isArray(result.assets))
    return {
      kind: 'pictures',
      pictures: pictures(result.assets, (one) => formatMoment(Number(one.atSeconds))),
    };
  if (type === 'image.generate' && Array.isArray(result.assets))
    return { kind: 'pictures', pictures: pictures(result.assets, () => generatorOf(result)) };
  if (type === 'image.resize' && Array.isArray(result.variants))
    return { kind: 'pictures', pictures: pictures(result.variants, (one) => String(one.name)) };
  return { kind: 'data', data: result };
}

type Fields = Readonly<Record<string, unknown>>;

function videoOf(result: Fields, asset: string): ResultVideo {
  const codecs = [result.videoCodec, result.audioCodec ?? 'no sound'];
  return {
    asset,
    width: Number(result.width),
    height: Number(result.height),
    bytes: Number(result.bytes),
    durationSeconds: Number(result.durationSeconds),
    codecs: codecs.filter((codec) => typeof codec === 'string').join(', '),
  };
}

/** Who drew it, and the seed with which it can be drawn again. */
function generatorOf({ provider, seed }: Fields): string {
  const by = typeof provider === 'string' ? provider : '';
  return typeof seed === 'number' ? `${by} · seed ${seed}` : by;
}

function pictures(items: readonly unknown[], caption: (item: Fields) => string): ResultPicture[] {
  return items.filter(isRecord).map((item) => ({
    asset: String(item.asset),
    caption: caption(item),
    width: Number(item.width),
    height: Number(item.height),
    ...(typeof item.bytes === 'number' ? { bytes: item.bytes } : {}),
  }));
}
