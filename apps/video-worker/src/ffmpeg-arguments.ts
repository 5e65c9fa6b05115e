import type { ThumbnailFormat, VideoFormat } from '@heavylift/contracts';
import type { Size } from './output-size.js';
import { type VideoFacts, probeEntries } from './probe.js';
import { videoLimits } from './video-limits.js';

/** How a video is to be made. */
export interface TranscodeOptions {
  readonly format: VideoFormat;
  /** One side: the other follows. Both: the largest that fits inside. None: as the source. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Goes before `crf`. */
  readonly videoBitrateKbps?: number | undefined;
  /** Default: 23 for mp4, 32 for webm. */
  readonly crf?: number | undefined;
  /** Default: true. */
  readonly audio?: boolean | undefined;
}

/**
 * Containers that hold all of a video in the one file. Never playlists and the like (hls, dash, concat, image2): they name other files,
 * and FFmpeg would open them.
 */
const demuxers = 'mov,matroska,avi,mpegts,mpeg,flv,ogg,asf,gif,dv,mxf';

const reading = [
  '-protocol_whitelist',
  'file',
  '-format_whitelist',
  demuxers,
  '-max_alloc',
  String(512 * 1_024 ** 2),
  '-max_pixels',
  String(videoLimits.pixels),
] as const;

const quiet = ['-hide_banner', '-loglevel', 'error'] as const;

/** Without the scheme, a name like `concat:a|b` would be an instruction. */
function fileUrl(path: string): string {
  return `file:${path}`;
}

export function probeArguments(path: string): readonly string[] {
  return [...quiet, ...reading, '-of', 'json', '-show_entries', probeEntries, fileUrl(path)];
}

export function transcodeArguments(
  input: string,
  output: string,
  video: VideoFacts,
  size: Size,
  options: TranscodeOptions,
): readonly string[] {
  const sound = options.audio === false ? undefined : video.audio;
  return [
    ...quiet,
    ...['-nostdin', '-y', '-nostats', '-progress', 'pipe:1', '-stats_period', '0.5'],
    ...[...reading, '-i', fileUrl(input)],
    ...['-map', `0:${video.videoStream}`, ...(sound ? ['-map', `0:${sound.stream}`] : ['-an'])],
    // Where a phone was, and what it was called, is nobody else's business.
    ...['-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-vf', `scale=${size.width}:${size.height},setsar=1`, '-pix_fmt', 'yuv420p'],
    ...(options.format === 'mp4' ? mp4Video(options) : webmVideo(options)),
    ...(sound ? audioCodec(options.format, sound.channels) : []),
    // A sound track that starts late makes FFmpeg hold many packets.
    ...['-max_muxing_queue_size', '9999'],
    ...(options.format === 'mp4' ? ['-movflags', '+faststart'] : []),
    ...['-f', options.format, fileUrl(output)],
  ];
}

/**
 * `veryfast` of what was measured for 20 s from 720 to 480 lines, as seconds of processor, MB and likeness to the source (SSIM): superfast 3.3 s, 4.4 MB, 0.996;
 * veryfast 4.2 s, 1.6 MB, 0.991; faster 6.3 s, 1.7 MB, 0.992; fast 7.5 s, 2.0 MB, 0.993; medium 7.7 s, 1.9 MB, 0.993. One thread or
 * as many as it likes: the same processor time and size. Faststart writes the index to the front at the end, so the file has to be one that can be written to anywhere: it is
 * made in the run's folder, and moved into the storage.
 */
function mp4Video({ videoBitrateKbps, crf }: TranscodeOptions): readonly string[] {
  const quality = videoBitrateKbps ? bitrate(videoBitrateKbps) : ['-crf', String(crf ?? 23)];
  return ['-c:v', 'libx264', '-preset', 'veryfast', ...quality];
}

/** Into a pipe WebM could be written, but its length and its index go to the front at the end: without them a player neither tells how long it is nor jumps. So it is a file too. */
function webmVideo({ videoBitrateKbps, crf }: TranscodeOptions): readonly string[] {
  const quality = videoBitrateKbps ? bitrate(videoBitrateKbps) : ['-crf', String(crf ?? 32), '-b:v', '0'];
  return ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '4', '-row-mt', '1', ...quality];
}

function bitrate(kbps: number): readonly string[] {
  return ['-b:v', `${kbps}k`, '-maxrate', `${Math.round(kbps * 1.5)}k`, '-bufsize', `${kbps * 2}k`];
}

function audioCodec(format: VideoFormat, channels: number): readonly string[] {
  const codec = format === 'mp4' ? 'aac' : 'libopus';
  // libopus refuses some surround layouts, and stereo plays everywhere.
  return ['-c:a', codec, '-b:a', '128k', ...(channels > 2 ? ['-ac', '2'] : [])];
}

export interface ThumbnailOptions {
  readonly atSeconds: number;
  readonly format: ThumbnailFormat;
}

const pictureCodecs: Record<ThumbnailFormat, readonly string[]> = {
  jpeg: ['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p'],
  png: ['-c:v', 'png'],
  webp: ['-c:v', 'libwebp', '-quality', '80'],
};

/** `which`: `first` is the picture at the moment; `last` is the last one from the moment on. */
export function thumbnailArguments(
  input: string,
  output: string,
  video: VideoFacts,
  size: Size,
  options: ThumbnailOptions,
  which: 'first' | 'last',
): readonly string[] {
  return [
    ...quiet,
    ...['-nostdin', '-y', '-nostats'],
    ...[...reading, '-ss', options.atSeconds.toFixed(3), '-i', fileUrl(input)],
    ...['-map', `0:${video.videoStream}`, '-map_metadata', '-1'],
    ...['-vf', `scale=${size.width}:${size.height},setsar=1`],
    ...(which === 'first' ? ['-frames:v', '1'] : []),
    ...[...pictureCodecs[options.format], '-f', 'image2', '-update', '1', fileUrl(output)],
  ];
}

/** How far a run of `transcodeArguments` is, in seconds of the result, when the line tells. */
export function readProgress(line: string): number | undefined {
  const [, microseconds] = /^out_time_us=(\d+)$/.exec(line) ?? [];
  return microseconds === undefined ? undefined : Number(microseconds) / 1_000_000;
}
