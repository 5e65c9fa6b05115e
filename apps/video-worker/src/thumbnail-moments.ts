import type { VideoThumbnailsPayload } from '@heavylift/contracts';
import type { VideoFacts } from './probe.js';

/**
 * The moments to take, in seconds, in order. `count` ones lie in the middle of as many equal parts, so that neither the black
 * first picture nor the credits are taken. A moment after the end is that of the last picture.
 */
export function thumbnailMoments(
  wanted: Pick<VideoThumbnailsPayload, 'at' | 'count'>,
  video: VideoFacts,
): readonly number[] {
  const last = lastMoment(video);
  const moments = wanted.at ? wanted.at.toSorted((a, b) => a - b) : spread(wanted.count ?? 1, video);
  return moments.map((moment) => Math.min(toMillisecond(moment), last));
}

function spread(count: number, video: VideoFacts): readonly number[] {
  return Array.from({ length: count }, (_, i) => ((i + 0.5) * video.pictureSeconds) / count);
}

/** No limit when the file does not tell its length. */
function lastMoment({ pictureSeconds, frameRate }: VideoFacts): number {
  if (pictureSeconds === 0) return Infinity;
  return toMillisecond(Math.max(0, pictureSeconds - 1 / (frameRate || 25)));
}

/** Down: a moment that is rounded up would be after the picture's own. */
function toMillisecond(seconds: number): number {
  return Math.floor(seconds * 1_000) / 1_000;
}
