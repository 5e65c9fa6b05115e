export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who may do what. `admin` holds all scopes. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly key: string;
}

/** `name:scope+scope:key` entries, comma-separated; undefined when one is not of that form or a name or key comes twice. */
export function parseApiKeys(text: string): readonly ApiKey[] | undefined {
  const keys = text.split(',').map((entry) => parseApiKey(entry.trim()));
  if (!keys.every((key) => key !== undefined)) return undefined;
  const distinct = (values: string[]): boolean => new Set(values).size === values.length;
  return distinct(keys.map((key) => key.name)) && distinct(keys.map((key) => key.key)) ? keys : undefined;
}

const shortestKey = 8;

function parseApiKey(entry: string): ApiKey | undefined {
  const [, name, list, key] = /^([\w.-]+):([a-z+]+):(\S+)$/.exec(entry) ?? [];
  if (!name || !list || !key || key.length < shortestKey) return undefined;
  const found = list.split('+');
  if (!found.every((scope) => (scopes as readonly string[]).includes(scope))) return undefined;
  return { name, scopes: found as Scope[], key };
}
