import { CompiledQuery, PostgresDialect } from 'kysely';
import pg from 'pg';
import { Database, type Failure } from './database.js';
import { prepareOn } from './prepared.js';

const int8 = 20;

/**
 * Whatever is asked here has an index. The server would rather read the whole of a table that it takes for small, for want of statistics, and keep to that in
 * prepared statements while the table grows: marking 10,000 jobs of a new database took it 505 µs a job instead of 22, recording them one by one 2,370 instead of 590. Code for a plan is never worth compiling.
 */
const findByIndex = CompiledQuery.raw(
  `select ${['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'].map((name) => `set_config('${name}', 'off', false)`).join(', ')}`,
);

/** A database on a PostgreSQL server, reached by up to 10 connections, each opened when first needed. */
export function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'heavylift-gateway',
    types: { getTypeParser: typeParser },
  });
  // A connection broke: without listeners the process would end. An idle one is dropped by the pool; on one that is in use the next
  // statement rejects, and its work is begun anew on another.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    prepareOn(client);
  });
  return new Database({
    name: postgresName(url),
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => void (await connection.executeQuery(findByIndex)),
    }),
    isPostgres: true,
    failureOf,
  });
}

/** Counts and milliseconds fit a number; pg gives them as text unless told. */
const typeParser: typeof pg.types.getTypeParser = (
  ...wanted: Parameters<typeof pg.types.getTypeParser>
): unknown => (Number(wanted[0]) === int8 ? Number : pg.types.getTypeParser(...wanted));

/** Says which database, without the password. */
export function postgresName(url: string): string {
  const { host, pathname, username } = new URL(url);
  return `postgres://${username ? `${username}@` : ''}${host}${pathname}`;
}

/** How the codes (SQLSTATE) of the server's own errors begin. */
const ofServer: readonly (readonly [RegExp, Failure])[] = [
  [/^(40|55P03)/, 'conflict'],
  [/^(08|57P)/, 'lost'],
  [/^(53|58|28|3D|XX|57|25006)/, 'unavailable'],
];

/** Codes and texts of the connection's errors. */
const ofConnection: readonly (readonly [RegExp, Failure])[] = [
  [/ECONNRESET|EPIPE|terminated unexpectedly|not queryable/, 'lost'],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout/, 'unavailable'],
];

function failureOf(error: unknown): Failure {
  const { code, message, severity } = error as { code?: string; message?: string; severity?: string };
  const text = severity ? (code ?? '') : `${code} ${message}`;
  return (severity ? ofServer : ofConnection).find(([pattern]) => pattern.test(text))?.[1] ?? 'defect';
}
