import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '../docs/notes.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { parseStatisticsQuery } from './statistics-query.js';
import type { StatisticsView } from './statistics-view.js';
import { StatisticsService } from './statistics.service.js';

@ApiTags('statistics')
@Controller('v1/statistics')
export class StatisticsController {
  constructor(private readonly statistics: StatisticsService) {}

  @Get()
  @RequiresScope('read')
  @ApiOperation({
    summary: 'How it went',
    description:
      'Ends of jobs, how long they waited and ran, queue depth and outages, over the last 15 minutes to 30 days, as about a hundred points.',
  })
  @ApiQuery({
    name: 'minutes',
    required: false,
    schema: { type: 'integer', minimum: 15, maximum: 43_200, default: 60 },
  })
  @ApiQuery({ name: 'type', required: false, description: 'Default: all job types' })
  async read(@Query() query: Record<string, unknown>): Promise<StatisticsView> {
    return this.statistics.read(parseStatisticsQuery(query));
  }
}
