import { contractSchemas } from '@heavylift/contracts';
import type { JobDefinition } from '@heavylift/core';

type PropertySchema = { readonly type?: string };

/**
 * Gives the text fields of a form the types of a contract: `240` becomes a number, `true` a boolean, `[…]` and `{…}` what their JSON says.
 * What does not fit stays text, for the contract to refuse by its name.
 */
export function payloadOfForm(
  definition: JobDefinition,
  fields: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const properties = (contractSchemas()[definition.payload.name]?.properties ?? {}) as Record<
    string,
    PropertySchema
  >;
  return Object.fromEntries([...fields].map(([name, text]) => [name, typed(text, properties[name]?.type)]));
}

function typed(text: string, type: string | undefined): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
    case 'object':
      return parsed(text);
    default:
      return text;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the contract answers with the field's name, which says more than a parser's position.
    return text;
  }
}
