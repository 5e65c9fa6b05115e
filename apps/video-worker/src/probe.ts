import { HeavyliftError, UnrecoverableError } from '@heavylift/core';
import type { Size } from './output-size.js';

/** What a video file holds: its first moving picture and its first sound. */
export interface VideoFacts extends Size {
  /** 0 when the file does not tell. */
  readonly durationSeconds: number;
  /** Of the pictures alone; the sound may go on. 0 when the file does not tell. */
  readonly pictureSeconds: number;
  /** Like `h264`. */
  readonly videoCodec: string;
  readonly videoStream: number;
  /** Pictures a second, on average; 0 when the file does not tell. */
  readonly frameRate: number;
  /** Degrees that a player turns the pictures by, counter-clockwise; `width` and `height` are after it. */
  readonly rotation: number;
  readonly audio?: { readonly codec: string; readonly stream: number; readonly channels: number };
}

/** For people, like `h264 1920x1080, 93.0 s, audio aac`. */
export function describeVideo({ videoCodec, width, height, durationSeconds, audio }: VideoFacts): string {
  const sound = audio ? `audio ${audio.codec}` : 'no audio';
  return `${videoCodec} ${width}x${height}, ${durationSeconds.toFixed(1)} s, ${sound}`;
}

interface Stream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly duration?: string;
  readonly channels?: number;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: { readonly DURATION?: string };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface ProbeOutput {
  readonly streams?: readonly Stream[];
  readonly format?: { readonly duration?: string };
}

/** The fields of ffprobe's JSON that `readProbe` needs. */
export const probeEntries = [
  'format=duration',
  'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,duration,channels',
  'stream_disposition=attached_pic',
  'stream_tags=DURATION',
  'stream_side_data=rotation',
].join(':');

/**
 * Reads ffprobe's JSON.
 * @throws {UnrecoverableError} `source.no_video` when nothing in it moves, `source.broken` when its video cannot be read
 */
export function readProbe(json: string): VideoFacts {
  const { streams = [], format } = parse(json);
  const video = streams.find((s) => s.codec_type === 'video' && !s.disposition?.attached_pic);
  if (!video)
    throw new UnrecoverableError('source.no_video', 'the file has no video in it; give a file that has');
  const audio = streams.find((s) => s.codec_type === 'audio' && s.codec_name);
  const durationSeconds = seconds(format?.duration) || seconds(video.duration);
  return {
    ...videoFacts(video),
    durationSeconds,
    pictureSeconds: seconds(video.duration) || clockSeconds(video.tags?.DURATION) || durationSeconds,
    ...(audio?.codec_name
      ? { audio: { codec: audio.codec_name, stream: audio.index, channels: audio.channels ?? 2 } }
      : {}),
  };
}

function parse(json: string): ProbeOutput {
  try {
    return JSON.parse(json) as ProbeOutput;
  } catch (error) {
    throw new HeavyliftError('ffmpeg.failed', 'ffprobe did not answer with JSON', { cause: error });
  }
}

function videoFacts(video: Stream): Omit<VideoFacts, 'durationSeconds' | 'pictureSeconds' | 'audio'> {
  const { width, height, codec_name: videoCodec } = video;
  if (!width || !height || !videoCodec)
    throw new UnrecoverableError('source.broken', 'the video has no size or no known codec; it is damaged');
  const rotation = video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const shown = Math.max(1, Math.round(width * (ratio(video.sample_aspect_ratio, ':') || 1)));
  const sideways = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  return {
    width: sideways ? height : shown,
    height: sideways ? shown : height,
    videoCodec,
    videoStream: video.index,
    frameRate: ratio(video.avg_frame_rate, '/'),
    rotation,
  };
}

/** `30000/1001` or `4:3` as a number; 0 when it says nothing. */
function ratio(text: string | undefined, separator: '/' | ':'): number {
  const [over, under] = (text ?? '').split(separator).map(Number);
  return over && under ? over / under : 0;
}

function seconds(text: string | undefined): number {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : 0;
}

/** Matroska's `00:01:02.500000000`. */
function clockSeconds(text: string | undefined): number {
  const [hours, minutes, rest] = (text ?? '').split(':').map(Number);
  return seconds(String((hours ?? NaN) * 3_600 + (minutes ?? NaN) * 60 + (rest ?? NaN)));
}
