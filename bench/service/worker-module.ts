import { Module } from '@nestjs/common';
import { ChatterModule } from './chatter.jobs.ts';
import { NothingModule } from './nothing.jobs.ts';

export class BenchModule {}

Module({ imports: [NothingModule, ChatterModule] })(BenchModule);
