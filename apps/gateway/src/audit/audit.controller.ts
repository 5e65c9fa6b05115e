import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '../docs/notes.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { Problem } from '../problems/problem.js';
import type { AuditEntry } from '../store/index.js';
import { AuditTrail } from './audit-trail.js';

const limit = 50;

@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  @RequiresScope('read')
  @ApiOperation({
    summary: 'Who did what, newest first',
    description:
      'What is done to queues, workers, schedules, dead letters and jobs is noted once it is done, and kept for a year: by whom, how many, by which filter; never a payload.',
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The `nextCursor` of the page before' })
  async list(@Query('cursor') cursor?: unknown): Promise<{ items: AuditEntry[]; nextCursor?: string }> {
    if (cursor !== undefined && !(typeof cursor === 'string' && /^[0-9a-f-]{36}$/.test(cursor)))
      throw new Problem(400, 'query.invalid', 'cursor must be the nextCursor of an earlier answer');
    const found = await this.trail.list({ limit: limit + 1, ...(cursor ? { before: cursor } : {}) });
    const items = found.slice(0, limit);
    return found.length > limit ? { items, nextCursor: items.at(-1)!.id } : { items };
  }
}
