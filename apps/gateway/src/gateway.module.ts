import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { JobDefinition } from '@heavylift/core';
import { HealthModule, MetricsModule, type Probe } from '@heavylift/nestjs';
import type { Registry } from 'prom-client';
import { AssetsController } from './assets/assets.controller.js';
import { AssetsService } from './assets/assets.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditTrail } from './audit/audit-trail.js';
import { ApiKeyGuard } from './auth/api-key.guard.js';
import type { ApiKeys } from './auth/api-keys.js';
import { BulkJobs } from './jobs/bulk-jobs.js';
import { BulkJobsController } from './jobs/bulk-jobs.controller.js';
import { GenerateImagesController } from './jobs/generate-images.controller.js';
import { IdempotentRequests } from './jobs/idempotent-requests.js';
import { JobEventsController } from './jobs/job-events.controller.js';
import { JobFollowers } from './jobs/job-followers.js';
import { JobWhy } from './jobs/job-why.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { DeadLettersController, DeadLettersService } from './dead-letters/index.js';
import { LiveController, LiveFeed } from './live/index.js';
import { StatisticsController, StatisticsService } from './statistics/index.js';
import { UploadJobsController } from './jobs/upload-jobs.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { SchedulesService } from './schedules/schedules.service.js';
import { QueuesController } from './queues/queues.controller.js';
import { QueuesService } from './queues/queues.service.js';
import { WorkersController } from './workers/workers.controller.js';
import { WorkersService } from './workers/workers.service.js';

/** What the gateway is made of; built by `startGateway`, which owns and closes it. */
export interface GatewayParts {
  readonly jobTypes: ReadonlyMap<string, JobDefinition>;
  readonly jobs: JobsService;
  readonly schedules: SchedulesService;
  readonly assets: AssetsService;
  readonly requests: IdempotentRequests;
  readonly followers: JobFollowers;
  readonly letters: DeadLettersService;
  readonly bulk: BulkJobs;
  readonly live: LiveFeed;
  readonly statistics: StatisticsService;
  readonly whys: JobWhy;
  readonly queues: QueuesService;
  readonly workers: WorkersService;
  readonly audit: AuditTrail;
  readonly apiKeys: ApiKeys | undefined;
  readonly probes: readonly Probe[];
  readonly registry: Registry;
}

@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [HealthModule.forRoot(parts.probes), MetricsModule.forRoot(parts.registry)],
      controllers: [
        JobsController,
        BulkJobsController,
        JobEventsController,
        UploadJobsController,
        AssetsController,
        DeadLettersController,
        LiveController,
        SchedulesController,
        GenerateImagesController,
        StatisticsController,
        QueuesController,
        WorkersController,
        AuditController,
      ],
      providers: [
        { provide: JobsService, useValue: parts.jobs },
        { provide: SchedulesService, useValue: parts.schedules },
        { provide: AssetsService, useValue: parts.assets },
        { provide: IdempotentRequests, useValue: parts.requests },
        { provide: JobFollowers, useValue: parts.followers },
        { provide: DeadLettersService, useValue: parts.letters },
        { provide: BulkJobs, useValue: parts.bulk },
        { provide: LiveFeed, useValue: parts.live },
        { provide: StatisticsService, useValue: parts.statistics },
        { provide: JobWhy, useValue: parts.whys },
        { provide: QueuesService, useValue: parts.queues },
        { provide: WorkersService, useValue: parts.workers },
        { provide: AuditTrail, useValue: parts.audit },
        {
          provide: APP_GUARD,
          inject: [Reflector],
          useFactory: (reflector: Reflector) => new ApiKeyGuard(reflector, parts.apiKeys),
        },
      ],
    };
  }
}
