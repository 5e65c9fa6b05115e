import { Logger, Module, type OnModuleInit } from '@nestjs/common';
import { Ffmpeg } from './ffmpeg.js';
import { VideoJobs } from './video.jobs.js';

@Module({
  controllers: [VideoJobs],
  providers: [{ provide: Ffmpeg, useFactory: () => Ffmpeg.find(process.env) }],
})
export class VideoWorkerModule implements OnModuleInit {
  constructor(private readonly ffmpeg: Ffmpeg) {}

  onModuleInit(): void {
    const missing = this.ffmpeg.missingGuards;
    if (missing.length > 0)
      new Logger('video-worker').warn(`FFmpeg runs less guarded here: install ${missing.join(', ')}`);
  }
}
