import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const callers = new WeakMap<FastifyRequest, string>();

export function rememberCaller(request: FastifyRequest, name: string): void {
  callers.set(request, name);
}

/** The name of the key that a request came with; `local` where no keys are set, since only this machine is served then. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext): string =>
    callers.get(context.switchToHttp().getRequest<FastifyRequest>()) ?? 'local',
);
