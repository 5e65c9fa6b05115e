import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '../docs/notes.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { noteOfDiscard, noteOfMend, noteOfRedrive, targetOf } from './audit-notes.js';
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
  constructor(
    private readonly letters: DeadLettersService,
    private readonly audit: AuditTrail,
  ) {}

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
  async redriveAll(@Body() body: unknown, @Caller() who: string): Promise<Redriven> {
    const request = parseBody(RedriveRequest, body);
    const redriven = await this.letters.redriveAll(request);
    await this.audit.note(who, 'dead-letters.redrive', targetOf(request), noteOfRedrive(request, redriven));
    return redriven;
  }

  @Post('discard')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Forget many', description: 'The jobs stay, as failed ones.' })
  async discardAll(@Body() body: unknown, @Caller() who: string): Promise<{ discarded: number }> {
    const selection = parseBody(DeadLetterSelection, body);
    const discarded = await this.letters.discardAll(selection);
    await this.audit.note(
      who,
      'dead-letters.discard',
      targetOf(selection),
      noteOfDiscard(selection, discarded),
    );
    return { discarded };
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Let one run anew, with a mended payload if need be' })
  async redrive(@Param('id') id: string, @Body() body: unknown, @Caller() who: string): Promise<JobView> {
    const { payload } = parseBody(MendRequest, body);
    const { job: before } = await this.letters.get(id);
    const job = await this.letters.retry(id, payload);
    await this.audit.note(who, 'dead-letter.redrive', id, noteOfMend(before.payload, payload));
    return jobView(job);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Forget one', description: 'The job stays, as a failed one.' })
  async discard(@Param('id') id: string, @Caller() who: string): Promise<void> {
    await this.letters.discard(id);
    await this.audit.note(who, 'dead-letter.discard', id);
  }
}

function causeView({ cause, type, jobs, firstAt, lastAt, example }: CauseRecord): CauseView {
  const { code } = example.error;
  const times = { firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() };
  return { cause, type, code, title: titleOf(example.error), jobs, ...times, exampleId: example.id };
}
