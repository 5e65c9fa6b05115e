import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '../docs/notes.js';
import { IsNumber, IsString, Max, Min, ValidateIf } from 'class-validator';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { checkBody } from '../check-body.js';
import type { QueueView } from './queue-view.js';
import { QueuesService } from './queues.service.js';

const leastPerMinute = 0.01;
const mostPerMinute = 1_000_000;

class Rate {
  /** Starts a minute; `null`: any number. */
  @ValidateIf((rate: Rate) => rate.perMinute !== null)
  @IsNumber()
  @Min(leastPerMinute)
  @Max(mostPerMinute)
  perMinute!: number | null;
}

class Purge {
  /** The name of the queue once more. */
  @IsString()
  confirm!: string;
}

const rateBody = {
  schema: {
    type: 'object',
    required: ['perMinute'],
    additionalProperties: false,
    properties: {
      perMinute: { type: 'number', nullable: true, minimum: leastPerMinute, maximum: mostPerMinute },
    },
  },
  examples: {
    sixty: { summary: 'One start a second, over all workers', value: { perMinute: 60 } },
    none: { summary: 'As many as there are slots', value: { perMinute: null } },
  },
};

const purgeBody = {
  schema: {
    type: 'object',
    required: ['confirm'],
    additionalProperties: false,
    properties: { confirm: { type: 'string', description: 'The name of the queue once more' } },
  },
  examples: { confirmed: { summary: 'For the queue of that name', value: { confirm: 'image.resize' } } },
};

@ApiTags('queues')
@Controller('v1/queues')
export class QueuesController {
  constructor(private readonly queues: QueuesService) {}

  @Get()
  @RequiresScope('read')
  @ApiOperation({
    summary: 'List queues',
    description:
      'One for each job type. While the broker is away, `broker` says so, and the counts are those of the job store; `deadLettered`, which only the broker knows, is null.',
  })
  list(): Promise<{ items: QueueView[]; broker: 'up' | 'away' }> {
    return this.queues.list();
  }

  @Get(':name')
  @RequiresScope('read')
  @ApiOperation({ summary: 'Read a queue' })
  get(@Param('name') name: string): Promise<QueueView> {
    return this.queues.get(name);
  }

  @Post(':name/pause')
  @HttpCode(200)
  @RequiresScope('admin')
  @ApiOperation({
    summary: 'Pause a queue',
    description:
      'What runs goes on, and none of its jobs starts until it is resumed; workers that begin later obey too.',
  })
  pause(@Param('name') name: string, @Caller() who: string): Promise<QueueView> {
    return this.queues.pause(name, who);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @RequiresScope('admin')
  @ApiOperation({ summary: 'Resume a queue' })
  resume(@Param('name') name: string, @Caller() who: string): Promise<QueueView> {
    return this.queues.resume(name, who);
  }

  @Put(':name/rate')
  @RequiresScope('admin')
  @ApiOperation({
    summary: 'Limit how many jobs of a queue start in a minute',
    description: 'Over all workers together, in equal shares; `null` lifts the limit.',
  })
  @ApiBody(rateBody)
  setRate(@Param('name') name: string, @Body() body: unknown, @Caller() who: string): Promise<QueueView> {
    return this.queues.setRate(name, checkBody(Rate, body).perMinute, who);
  }

  @Post(':name/purge')
  @HttpCode(200)
  @RequiresScope('admin')
  @ApiOperation({
    summary: 'Cancel all that waits in a queue',
    description:
      'Jobs that wait for a worker or for a retry end as `cancelled`; what runs goes on, and jobs for later stay. Asks for the name of the queue once more.',
  })
  @ApiBody(purgeBody)
  purge(
    @Param('name') name: string,
    @Body() body: unknown,
    @Caller() who: string,
  ): Promise<{ cancelled: number }> {
    return this.queues.purge(name, checkBody(Purge, body).confirm, who);
  }
}
