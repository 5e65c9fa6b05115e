type Json = Readonly<Record<string, unknown>>;

/** A JSON merge patch (RFC 7396): fields are replaced, objects merged, and null takes a field away. */
export function mergePatch(target: unknown, patch: Json): Json {
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = isObject(value) ? mergePatch(merged[name], value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
