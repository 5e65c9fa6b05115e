import { IsInt, IsNumber, Max, Min, ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { applyDecorators } from './apply-decorators.js';

/** A description that lands in the JSON Schema, and so in OpenAPI; and the value that a field has when it is left out. */
export function Described(
  description: string,
  schema: { readonly default?: string } = {},
): PropertyDecorator {
  return JSONSchema({ description, ...schema }) as PropertyDecorator;
}

/** The field may be left out. Null is no way to do that: handlers would meet it where they expect a value or nothing. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** A whole number within bounds, both included. */
export function WholeNumber(min: number, max: number, description: string): PropertyDecorator {
  // Said once more, since the bounds alone would make it any number.
  const integer = JSONSchema({ type: 'integer', description }) as PropertyDecorator;
  return applyDecorators(IsInt(), Min(min), Max(max), integer);
}

/** The same, and it may be left out. */
export function OptionalWholeNumber(min: number, max: number, description: string): PropertyDecorator {
  return applyDecorators(Optional(), WholeNumber(min, max, description));
}

/** A number of seconds, as results give it. */
export function Seconds(description: string): PropertyDecorator {
  return applyDecorators(IsNumber(), Min(0), Described(description));
}

/** The longest side of a picture that is made, in pixels. */
export const longestSide = 8_192;
