import type { SeededRandom } from '../../simulation/seeded-random.js';

/**
 * How a job's source behaves. stored: a file uploaded before; quick, slow: a picture, at once or after a while; flaky: refused the first
 * time; broken, missing: never a picture; film: a short clip.
 */
export type Kind = 'stored' | 'quick' | 'slow' | 'flaky' | 'broken' | 'missing' | 'film';

/** A job that a client wants, as it is to be posted. */
export interface Wish {
  /** Names the wish; the job that comes of it carries it in its payload. */
  readonly tag: string;
  readonly kind: Kind;
  readonly type: string;
  readonly payload: object;
  readonly options: { readonly priority: string; readonly delaySeconds?: number };
}

/** Where the sources of jobs are. */
export interface Sources {
  /** The address of the server of pictures. */
  readonly url: string;
  /** An uploaded picture. */
  readonly asset: string;
}

export const pictureWidth = 24;
export const codeOfFailure: Readonly<Partial<Record<Kind, string>>> = {
  broken: 'source.not_an_image',
  missing: 'source.not_found',
};

const shares: readonly (readonly [Kind, number])[] = [
  ['stored', 0.2],
  ['quick', 0.22],
  ['slow', 0.3],
  ['flaky', 0.1],
  ['broken', 0.07],
  ['missing', 0.06],
  ['film', 0.05],
];

export function wishFor(tag: string, sources: Sources, random: SeededRandom): Wish {
  const kind = kindBy(random.next());
  const priority = random.pick(['high', 'normal', 'normal', 'low']);
  const delay = random.chance(0.15) ? { delaySeconds: random.whole(1, 6) } : {};
  return { tag, kind, ...jobOf(tag, kind, sources), options: { priority, ...delay } };
}

function kindBy(chance: number): Kind {
  let sum = 0;
  return shares.find(([, share]) => chance < (sum += share))?.[0] ?? 'quick';
}

/** A job that ends well, soon, and before others. */
export function probeWish(tag: string, sources: Sources): Wish {
  return { tag, kind: 'quick', ...jobOf(tag, 'quick', sources), options: { priority: 'high' } };
}

function jobOf(tag: string, kind: Kind, sources: Sources): Pick<Wish, 'type' | 'payload'> {
  const source = kind === 'stored' ? sources.asset : `${sources.url}/${kind}/${tag}`;
  if (kind === 'film') return { type: 'video.transcode', payload: { source, format: 'mp4', height: 120 } };
  const variant = { name: tag, width: pictureWidth, format: 'png' };
  return { type: 'image.resize', payload: { source, variants: [variant] } };
}

/** The wish that a job came of, read from its payload. */
export function tagOf(payload: unknown): string | undefined {
  const { source, variants } = payload as { source?: string; variants?: readonly { name?: string }[] };
  return variants?.[0]?.name ?? source?.split('/').at(-1);
}
