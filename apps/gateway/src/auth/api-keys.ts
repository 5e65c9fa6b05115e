import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, Scope } from '@heavylift/nestjs';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems/problem.js';

interface KnownKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly digest: Buffer;
}

/** The keys that the gateway takes; kept as digests, so that comparing them tells nothing by its time. */
export class ApiKeys {
  readonly #known: readonly KnownKey[];

  constructor(keys: readonly ApiKey[]) {
    this.#known = keys.map(({ name, scopes, key }) => ({ name, scopes, digest: digestOf(key) }));
  }

  /**
   * The key of an `Authorization` header.
   * @throws {Problem} 401 when there is none, or it is not known
   */
  of(header: string | undefined): Pick<KnownKey, 'name' | 'scopes'> {
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    const challenge = { headers: { 'www-authenticate': 'Bearer' } };
    if (!token)
      throw new Problem(401, 'auth.missing', 'send a key as "Authorization: Bearer KEY"', challenge);
    const digest = digestOf(token);
    const known = this.#known.find((key) => timingSafeEqual(key.digest, digest));
    if (!known) throw new Problem(401, 'auth.invalid_key', 'this key is not known here', challenge);
    return known;
  }
}

/** Asks every request to the API for a key before its body is read: who has none costs nothing. */
export function askForKey(fastify: FastifyInstance, keys: ApiKeys): void {
  fastify.addHook('onRequest', async (request) => {
    if (request.routeOptions.url?.startsWith('/v1/')) keys.of(request.headers.authorization);
  });
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
