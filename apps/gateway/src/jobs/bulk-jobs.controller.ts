import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '../docs/notes.js';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { type BulkAnswer, BulkJobs } from './bulk-jobs.js';
import { parseBulkRequest } from './bulk-request.js';

@ApiTags('jobs')
@Controller('v1/jobs')
export class BulkJobsController {
  constructor(private readonly bulk: BulkJobs) {}

  @Post('cancel')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Cancel many jobs',
    description:
      'All that have not ended and match the filter, as far as they are there when it begins; at least one field of it must be given. With `dryRun` it only counts. Answered once they are cancelled.',
  })
  cancel(@Body() body: unknown, @Caller() who: string): Promise<BulkAnswer> {
    return this.bulk.cancel(parseBulkRequest('cancel', body), who);
  }

  @Post('retry')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Let many failed or cancelled jobs run anew',
    description:
      'All that match the filter, each as its next attempt. With `dryRun` it only counts. To mend payloads or to keep to a rate, redrive dead letters.',
  })
  retry(@Body() body: unknown, @Caller() who: string): Promise<BulkAnswer> {
    return this.bulk.retry(parseBulkRequest('retry', body), who);
  }
}
