import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { Class } from '@heavylift/core';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schemas of all contracts by class name, made from their decorators. References point to `#/components/schemas/`, where
 * OpenAPI and AsyncAPI keep them. No schema takes a field that it does not name.
 */
export function contractSchemas(): Readonly<Record<string, JsonSchema>> {
  const schemas = validationMetadatasToSchemas({ refPointerPrefix: '#/components/schemas/' }) as Record<
    string,
    JsonSchema
  >;
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { ...schema, ...requiredOf(schema), additionalProperties: false },
    ]),
  );
}

/** A field that has a default may be left out. */
function requiredOf({ required, properties }: JsonSchema): { readonly required?: readonly string[] } {
  const fields = properties as Readonly<Record<string, { readonly default?: unknown }>>;
  const names = (required as readonly string[] | undefined)?.filter(
    (name) => fields[name]?.default === undefined,
  );
  return names ? { required: names } : {};
}

/** Where the schema of a contract's class stands in such a document. */
export function schemaRef(contract: Class<object>): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${contract.name}` };
}
