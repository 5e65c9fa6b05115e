import { stat } from 'node:fs/promises';
import {
  transcodeVideo,
  TranscodeVideoPayload,
  TranscodeVideoResult,
  type VideoThumbnail,
  videoThumbnails,
  VideoThumbnailsPayload,
  VideoThumbnailsResult,
} from '@heavylift/contracts';
import { InvalidPayloadError, JobContext } from '@heavylift/core';
import { JobHandler, type Workspace, Workspaces } from '@heavylift/nestjs';
import { Controller } from '@nestjs/common';
import { Ffmpeg } from './ffmpeg.js';
import { describeVideo, type VideoFacts } from './probe.js';
import { thumbnailMoments } from './thumbnail-moments.js';

/** No extension: FFmpeg is to look at what a file holds, not at what it is called. */
const sourceName = 'source';
const highestMp4Crf = 51;

/** The handlers of `video.transcode` and `video.thumbnails`. */
@Controller()
export class VideoJobs {
  readonly #ffmpeg: Ffmpeg;
  readonly #workspaces: Workspaces;

  constructor(ffmpeg: Ffmpeg, workspaces: Workspaces) {
    this.#ffmpeg = ffmpeg;
    this.#workspaces = workspaces;
  }

  @JobHandler(transcodeVideo)
  async transcode(payload: TranscodeVideoPayload, job: JobContext): Promise<TranscodeVideoResult> {
    refuseWrongCrf(payload);
    return this.#workspaces.use(job, async (workspace) => {
      const source = await workspace.fetch(payload.source, sourceName);
      const filename = `video.${payload.format}`;
      const output = workspace.path(filename);
      const facts = await this.#ffmpeg.transcode(source, output, payload, {
        signal: job.signal,
        onProgress: (done, total) => tellSeconds(job, done, total),
        onSource: (facts) => job.log(`source: ${describeVideo(facts)}`),
        onCommand: (line) => job.log(line),
        onComplaint: (line) => job.log(line),
      });
      const { size: bytes } = await stat(output);
      job.log(`made ${filename}: ${describeVideo(facts)}, ${bytes} bytes`);
      const mediaType = `video/${payload.format}`;
      const asset = await workspace.save(output, { name: 'video', filename, mediaType });
      return transcodeResult(asset, bytes, facts);
    });
  }

  @JobHandler(videoThumbnails)
  thumbnails(payload: VideoThumbnailsPayload, job: JobContext): Promise<VideoThumbnailsResult> {
    return this.#workspaces.use(job, async (workspace) => {
      const source = await workspace.fetch(payload.source, sourceName);
      const video = await this.#ffmpeg.probe(source, job.signal);
      job.log(`source: ${describeVideo(video)}`);
      const moments = thumbnailMoments(payload, video);
      const assets: VideoThumbnail[] = [];
      for (const [i, atSeconds] of moments.entries()) {
        assets.push(
          await this.#thumbnail(workspace, source, video, { ...payload, atSeconds, number: i + 1 }, job),
        );
        job.progress((assets.length / moments.length) * 100, `${assets.length} of ${moments.length}`);
      }
      return { assets };
    });
  }

  async #thumbnail(
    workspace: Workspace,
    source: string,
    video: VideoFacts,
    wanted: Pick<VideoThumbnailsPayload, 'format' | 'width'> & { atSeconds: number; number: number },
    job: JobContext,
  ): Promise<VideoThumbnail> {
    const { atSeconds, width, format = 'jpeg', number } = wanted;
    const filename = `thumbnail-${number}.${format === 'jpeg' ? 'jpg' : format}`;
    const output = workspace.path(filename);
    const log = (line: string): void => job.log(line);
    // All are made alike: the first command tells of all.
    const size = await this.#ffmpeg.thumbnail(
      source,
      output,
      video,
      { atSeconds, width, format },
      { signal: job.signal, onComplaint: log, ...(number === 1 ? { onCommand: log } : {}) },
    );
    log(`made ${filename}: ${size.width}x${size.height}, at ${atSeconds} s`);
    const mediaType = `image/${format}`;
    const asset = await workspace.save(output, { name: `thumbnail-${number}`, filename, mediaType });
    return { asset, atSeconds, ...size };
  }
}

/** The contract's field knows the range of both formats only. */
function refuseWrongCrf({ format, crf }: TranscodeVideoPayload): void {
  if (format !== 'mp4' || crf === undefined || crf <= highestMp4Crf) return;
  const message = `must not be greater than ${highestMp4Crf} for mp4`;
  throw new InvalidPayloadError(transcodeVideo.name, [{ path: 'crf', message }]);
}

function tellSeconds(job: JobContext, done: number, total: number): void {
  const seconds = Math.floor(done);
  if (total > 0) job.progress((done / total) * 100, `${seconds} s of ${Math.round(total)} s`);
  else job.progress(0, `${seconds} s`);
}

function transcodeResult(asset: string, bytes: number, facts: VideoFacts): TranscodeVideoResult {
  const { durationSeconds, width, height, videoCodec, audio } = facts;
  return {
    asset,
    bytes,
    durationSeconds,
    width,
    height,
    videoCodec,
    ...(audio ? { audioCodec: audio.codec } : {}),
  };
}
