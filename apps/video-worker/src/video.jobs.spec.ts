import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  TranscodeVideoResult,
  type TranscodeVideoPayload,
  VideoThumbnailsResult,
  transcodeVideo,
  videoThumbnails,
} from '@heavylift/contracts';
import { check, JobContext, type Progress } from '@heavylift/core';
import { assetKey, Workspaces } from '@heavylift/nestjs';
import { type BlobStore, createBlobStore } from '@heavylift/storage';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ffmpeg } from './ffmpeg.js';
import { SampleClips } from './sample-clips.fixtures.js';
import { VideoJobs } from './video.jobs.js';

const source = 'uploaded-clip-1';
let clips: SampleClips;
let blobs: BlobStore;
let jobs: VideoJobs;

beforeAll(async () => {
  clips = await SampleClips.create();
  await mkdir(clips.path('runs'));
  blobs = await createBlobStore(`file://${clips.path('blobs')}`);
  const limits = { allowPrivateSources: false, maxSourceBytes: 1_000, tempDir: clips.path('runs') };
  jobs = new VideoJobs(await Ffmpeg.find(process.env), new Workspaces(blobs, limits));
  await store(source, await clips.clip('clip.mov', 10));
});

afterAll(async () => {
  await blobs.close();
  await clips.remove();
});

async function store(id: string, path: string): Promise<void> {
  await blobs.write(assetKey(id), createReadStream(path));
}

function jobContext(
  type: string,
  signal = new AbortController().signal,
): JobContext & { seen: Progress[]; lines: string[] } {
  const seen: Progress[] = [];
  const log: string[] = [];
  const facts = { id: 'job-1', type, version: 1, attempt: 1, maxAttempts: 3, run: 'run-12345678' };
  const job = new JobContext(
    { ...facts, deadline: new Date() },
    { signal },
    {
      onProgress: (progress) => seen.push(progress),
      onLog: (line) => log.push(line),
    },
  );
  return Object.assign(job, { seen, lines: log });
}

function transcode(payload: Partial<TranscodeVideoPayload>, job = jobContext(transcodeVideo.name)) {
  return jobs.transcode({ source, format: 'mp4', ...payload }, job);
}

describe('video.transcode', () => {
  it('stores the video and keeps its contract', async () => {
    const job = jobContext(transcodeVideo.name);
    const result = await transcode({ height: 240 }, job);
    expect(check(TranscodeVideoResult, result).errors).toEqual([]);
    expect(result).toMatchObject({ width: 426, height: 240, videoCodec: 'h264', audioCodec: 'aac' });
    expect(job.outputs).toMatchObject([{ id: result.asset, mediaType: 'video/mp4', bytes: result.bytes }]);
    expect(await blobs.size(assetKey(result.asset))).toBe(result.bytes);
  });

  it('writes what it read, how FFmpeg was called and what it made, without the folders of this machine', async () => {
    const job = jobContext(transcodeVideo.name);
    await transcode({ height: 90 }, job);
    expect(job.lines).toEqual([
      'source: h264 320x180, 10.0 s, audio aac',
      expect.stringMatching(/^ffmpeg .* -i source .*-vf scale=160:90,.* video\.mp4\.partial$/),
      expect.stringMatching(/^made video\.mp4: h264 160x90, 10\.0 s, audio aac, \d+ bytes$/),
    ]);
    expect(job.lines.join()).not.toContain(clips.path(''));
  });

  it('tells how many seconds are done', async () => {
    const job = jobContext(transcodeVideo.name);
    await transcode({ audio: false }, job);
    expect(job.seen.at(-1)?.message).toMatch(/^\d+ s of 10 s$/);
    expect(job.seen.at(-1)?.percent).toBeGreaterThan(95);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const abort = new AbortController();
    const job = jobContext(transcodeVideo.name, abort.signal);
    job.progress = () => abort.abort(new Error('cancelled'));
    await expect(transcode({ format: 'webm', height: 720 }, job)).rejects.toThrow('cancelled');
    expect(job.outputs).toEqual([]);
    expect(await readdir(clips.path('runs'))).toEqual([]);
  });

  it('refuses a quality that the format does not have', async () => {
    await expect(transcode({ crf: 60 })).rejects.toMatchObject({ code: 'payload.invalid' });
  });

  it('refuses a source that is not there, and one that is a disguised playlist', async () => {
    await expect(transcode({ source: 'no-such-asset' })).rejects.toMatchObject({ code: 'source.not_found' });
    await blobs.write(
      assetKey('playlist.mp4'),
      Readable.from([Buffer.from('#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n')]),
    );
    const run = transcode({ source: 'playlist.mp4' });
    await expect(run).rejects.toMatchObject({ name: 'UnrecoverableError', code: 'source.not_a_video' });
  });
});

describe('video.thumbnails', () => {
  it('stores as many pictures as asked for, in order', async () => {
    const job = jobContext(videoThumbnails.name);
    const result = await jobs.thumbnails({ source, count: 4, width: 160, format: 'png' }, job);
    expect(check(VideoThumbnailsResult, result).errors).toEqual([]);
    expect(result.assets).toMatchObject(
      [1.25, 3.75, 6.25, 8.75].map((atSeconds) => ({ atSeconds, width: 160, height: 90 })),
    );
    expect(job.outputs.map((asset) => asset.filename)).toEqual([1, 2, 3, 4].map((n) => `thumbnail-${n}.png`));
    expect(job.seen.map((progress) => progress.percent)).toEqual([25, 50, 75, 100]);
    expect(job.lines).toHaveLength(6);
    expect(job.lines[1]).toMatch(/^ffmpeg .* -ss 1\.250 -i source /);
    expect(job.lines[5]).toBe('made thumbnail-4.png: 160x90, at 8.75 s');
  });

  it('takes the moments asked for, as JPEG unless told', async () => {
    const job = jobContext(videoThumbnails.name);
    const { assets } = await jobs.thumbnails({ source, at: [0, 600] }, job);
    expect(assets.map((asset) => asset.atSeconds)).toEqual([0, 9.966]);
    const picture = await buffer(await blobs.read(assetKey(assets[1]!.asset)));
    expect(picture.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(job.outputs[0]).toMatchObject({ filename: 'thumbnail-1.jpg', mediaType: 'image/jpeg' });
  });
});
