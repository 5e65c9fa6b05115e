import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { HealthModule, MetricsModule, type Probe } from '@heavylift/nestjs';
import type { Registry } from 'prom-client';
import { AssetsController } from './assets/assets.controller.js';
import { AssetsService } from './assets/assets.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditTrail } from './audit/audit-trail.js';
import { ApiKeyGuard } from './auth/api-key.guard.js';
import type { ApiKeys } from './auth/api-keys.js';
import { IdempotentRequests } from './jobs/idempotent-requests.js';
import { JobChanges } from './jobs/job-changes.js';
import { JobEventsController } from './jobs/job-events.controller.js';
import { JobWhy } from './jobs/job-why.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { UploadJobsController } from './jobs/upload-jobs.controller.js';
import { QueuesController } from './queues/queues.controller.js';
import { QueuesService } from './queues/queues.service.js';
import { WorkersController } from './workers/workers.controller.js';
import { WorkersService } from './workers/workers.service.js';

/** What the gateway is made of; built by `startGateway`, which owns and closes it. */
export interface GatewayParts {
  readonly jobs: JobsService;
  readonly assets: AssetsService;
  readonly requests: IdempotentRequests;
  readonly changes: JobChanges;
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
        JobEventsController,
        UploadJobsController,
        AssetsController,
        QueuesController,
        WorkersController,
        AuditController,
      ],
      providers: [
        { provide: JobsService, useValue: parts.jobs },
        { provide: AssetsService, useValue: parts.assets },
        { provide: IdempotentRequests, useValue: parts.requests },
        { provide: JobChanges, useValue: parts.changes },
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
