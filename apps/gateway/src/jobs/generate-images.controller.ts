import { generateImage } from '@heavylift/contracts';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '../docs/notes.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import { idempotencyKey, IdempotentRequests } from './idempotent-requests.js';
import { jobView, type JobView } from './job-view.js';
import { JobsService } from './jobs.service.js';

/** An `image.generate` job, by its payload alone. */
@ApiTags('jobs')
@Controller('v1/images/generate')
export class GenerateImagesController {
  constructor(
    private readonly jobs: JobsService,
    private readonly requests: IdempotentRequests,
  ) {}

  @Post()
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Make pictures from a text',
    description:
      'By the server of `IMAGE_GENERATOR_URL`; without one, a built-in network draws abstract art that does not show what the prompt says.',
  })
  @ApiHeader(idempotencyKey)
  async generate(
    @Body() payload: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const [job] = await this.requests.once(request, payload, async (key) => [
      await this.jobs.submit({ type: generateImage.name, payload }, key),
    ]);
    void reply.header('location', `/v1/jobs/${job!.id}`);
    return jobView(job!);
  }
}
