import { resizeImage, transcodeVideo } from '@heavylift/contracts';
import type { JobDefinition } from '@heavylift/core';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '../docs/notes.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssetsService } from '../assets/assets.service.js';
import { receiveMultipart } from '../assets/upload.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { checkBodyShape } from '../body-shape.js';
import { payloadOfForm } from './form-fields.js';
import { IdempotentRequests } from './idempotent-requests.js';
import { jobView, type JobView } from './job-view.js';
import { JobsService } from './jobs.service.js';
import type { JobRecord } from '../store/index.js';

/** Upload and job in one call. */
@ApiTags('jobs')
@Controller('v1')
export class UploadJobsController {
  constructor(
    private readonly assets: AssetsService,
    private readonly jobs: JobsService,
    private readonly requests: IdempotentRequests,
  ) {}

  @Post('videos')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiConsumes('multipart/form-data')
  @ApiOperation({
    summary: 'Upload a video and transcode it',
    description: 'Fields: `file`, and those of `video.transcode`.',
  })
  transcode(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    return this.submit(transcodeVideo, request, reply);
  }

  @Post('images')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiConsumes('multipart/form-data')
  @ApiOperation({
    summary: 'Upload a picture and resize it',
    description: 'Fields: `file`, and `variants` as JSON.',
  })
  resize(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobView> {
    return this.submit(resizeImage, request, reply);
  }

  private async submit(
    definition: JobDefinition,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<JobView> {
    const { asset, fields } = await receiveMultipart(request, this.assets);
    try {
      const form = payloadOfForm(definition, fields);
      checkBodyShape(form);
      const [job] = await this.requests.once(request, { form, file: asset.sha256 }, async (key) => [
        await this.jobs.submit({ type: definition.name, payload: { ...form, source: asset.id } }, key),
      ]);
      if (!readsFrom(job!, asset.id)) await this.assets.remove(asset.id);
      void reply.header('location', `/v1/jobs/${job!.id}`);
      return jobView(job!);
    } catch (error) {
      // No job was made of it, so nobody knows of this file.
      await this.assets.remove(asset.id);
      throw error;
    }
  }
}

/** An earlier request with the same key made the job, of its own copy of the file. */
function readsFrom(job: JobRecord, asset: string): boolean {
  return (job.payload as { source?: string }).source === asset;
}
