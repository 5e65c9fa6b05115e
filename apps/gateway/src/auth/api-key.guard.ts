import type { Scope } from '@heavylift/nestjs';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import type { ApiKeys } from './api-keys.js';
import { rememberCaller } from './caller.decorator.js';
import { scopeKey } from './scope.decorator.js';

/** Lets a request pass when its key holds the route's scope, or when no keys are set (then only loopback is served). */
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys | undefined,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(scopeKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!scope || !this.keys) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = this.keys.of(request.headers.authorization);
    rememberCaller(request, key.name);
    if (key.scopes.includes(scope) || key.scopes.includes('admin')) return true;
    throw new Problem(403, 'auth.scope_required', `the key "${key.name}" lacks the scope "${scope}"`);
  }
}
