/** The file that a `DATABASE_URL` like `sqlite:./jobs.db` names, `:memory:` too; undefined when it names another kind of database. */
export function sqlitePath(databaseUrl: string): string | undefined {
  return /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
}
