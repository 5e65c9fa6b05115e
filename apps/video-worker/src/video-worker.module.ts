import { Module } from '@nestjs/common';
import { Ffmpeg } from './ffmpeg.js';
import { VideoJobs } from './video.jobs.js';

@Module({
  controllers: [VideoJobs],
  providers: [{ provide: Ffmpeg, useFactory: () => Ffmpeg.find(process.env) }],
})
export class VideoWorkerModule {}
