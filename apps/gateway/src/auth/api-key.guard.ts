import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, Scope } from '@heavylift/nestjs';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import { scopeKey } from './scope.decorator.js';

interface KnownKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly digest: Buffer;
}

/** Lets a request pass when its key holds the route's scope, or when no keys are set (then only loopback is served). */
export class ApiKeyGuard implements CanActivate {
  readonly #keys: readonly KnownKey[] | undefined;

  constructor(
    private readonly reflector: Reflector,
    keys: readonly ApiKey[] | undefined,
  ) {
    this.#keys = keys?.map(({ name, scopes, key }) => ({ name, scopes, digest: digestOf(key) }));
  }

  canActivate(context: ExecutionContext): boolean {
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(scopeKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!scope || !this.#keys) return true;
    const key = this.#known(context.switchToHttp().getRequest<FastifyRequest>().headers.authorization);
    if (key.scopes.includes(scope) || key.scopes.includes('admin')) return true;
    throw new Problem(403, 'auth.scope_required', `the key "${key.name}" lacks the scope "${scope}"`);
  }

  #known(header: string | undefined): KnownKey {
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    const challenge = { headers: { 'www-authenticate': 'Bearer' } };
    if (!token)
      throw new Problem(401, 'auth.missing', 'send a key as "Authorization: Bearer KEY"', challenge);
    const digest = digestOf(token);
    const known = this.#keys?.find((key) => timingSafeEqual(key.digest, digest));
    if (!known) throw new Problem(401, 'auth.invalid_key', 'this key is not known here', challenge);
    return known;
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
