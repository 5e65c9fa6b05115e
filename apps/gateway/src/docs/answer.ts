export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

export const json = (description: string, schema: object): Answer => ({
  description,
  content: { 'application/json': { schema } },
});
export const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
export const listOf = (items: object): object => ({
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items } },
});
