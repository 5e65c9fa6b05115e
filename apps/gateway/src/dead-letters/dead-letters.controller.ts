import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { RequiresScope } from '../auth/scope.decorator.js';
import { jobView, type JobView } from '../jobs/job-view.js';
import { type CauseRecord, titleOf } from '../store/index.js';
import { attemptsOf, type AttemptView } from './attempts-view.js';
import { DeadLetterSelection, MendRequest, parseBody, RedriveRequest } from './dead-letter-requests.js';
import { parseGroupQuery } from './group-query.js';
import { DeadLettersService, type Redriven } from './dead-letters.service.js';

/** Dead letters of one cause. */
interface CauseView {
  readonly cause: string;
  readonly type: string;
  readonly code: string;
  readonly title: string;
  readonly jobs: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly exampleId: string;
}

@ApiTags('dead letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  @RequiresScope('read')
  @ApiOperation({
    summary: 'Dead letters, grouped by cause',
    description: 'The largest group first. `GET /v1/jobs?cause=` lists the jobs of a group.',
  })
  @ApiQuery({ name: 'type', required: false })
  async groups(@Query() query: Record<string, unknown>): Promise<{ items: CauseView[] }> {
    return { items: (await this.letters.groups(parseGroupQuery(query))).map(causeView) };
  }

  @Get(':id')
  @RequiresScope('read')
  @ApiOperation({ summary: 'A dead letter, with each attempt and its error' })
  async get(@Param('id') id: string): Promise<JobView & { attempts: AttemptView[] }> {
    const { job, events } = await this.letters.get(id);
    return { ...jobView(job), attempts: attemptsOf(events) };
  }

  @Post('redrive')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Let many run anew',
    description:
      'All that match, each payload patched and checked against its contract, so many a second. Those whose payload is then not valid stay.',
  })
  redriveAll(@Body() body: unknown): Promise<Redriven> {
    return this.letters.redriveAll(parseBody(RedriveRequest, body));
  }

  @Post('discard')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Forget many', description: 'The jobs stay, as failed ones.' })
  async discardAll(@Body() body: unknown): Promise<{ discarded: number }> {
    return { discarded: await this.letters.discardAll(parseBody(DeadLetterSelection, body)) };
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Let one run anew, with a mended payload if need be' })
  async redrive(@Param('id') id: string, @Body() body: unknown): Promise<JobView> {
    const { payload } = parseBody(MendRequest, body);
    await this.letters.get(id);
    return jobView(await this.letters.retry(id, payload));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Forget one', description: 'The job stays, as a failed one.' })
  async discard(@Param('id') id: string): Promise<void> {
    await this.letters.discard(id);
  }
}

function causeView({ cause, type, jobs, firstAt, lastAt, example }: CauseRecord): CauseView {
  const { code } = example.error;
  const times = { firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() };
  return { cause, type, code, title: titleOf(example.error), jobs, ...times, exampleId: example.id };
}
