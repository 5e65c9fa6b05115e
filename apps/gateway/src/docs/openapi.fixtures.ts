import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type Json = Record<string, unknown>;
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly { name: string; in: string }[];
  readonly requestBody?: {
    readonly content: Record<string, { schema: Json; examples?: Json; example?: Json }>;
  };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}
/** The part of an OpenAPI document that the specs look at. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json>; readonly securitySchemes: Json };
}

/** What is wrong with a value, by the document's schemas. */
export function validatorOf(api: OpenApi): (schema: Json, value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', components: asJsonSchema(api.components) as Json });
  return (schema, value) => {
    const check = ajv.compile(asJsonSchema(schema) as Json);
    return check(value) ? [] : check.errors!.map((error) => `${error.instancePath} ${error.message}`);
  };
}

/** OpenAPI 3.0 says `nullable` where JSON Schema says a type; its references are into the whole document. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Json & { nullable?: boolean };
  const entries = Object.entries(rest).map(([key, part]) => [
    key,
    key === '$ref' ? `api${String(part)}` : asJsonSchema(part),
  ]);
  const schema = Object.fromEntries(entries) as Json;
  return nullable && typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema;
}
