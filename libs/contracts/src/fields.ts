import { IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { applyDecorators } from './apply-decorators.js';

/** A description that lands in the JSON Schema, and so in OpenAPI. */
export function Described(description: string): PropertyDecorator {
  return JSONSchema({ description }) as PropertyDecorator;
}

/** A whole number within bounds, both included. */
export function WholeNumber(min: number, max: number, description: string): PropertyDecorator {
  return applyDecorators(IsInt(), Min(min), Max(max), Described(description));
}

/** The same, and it may be left out. */
export function OptionalWholeNumber(min: number, max: number, description: string): PropertyDecorator {
  return applyDecorators(IsOptional(), WholeNumber(min, max, description));
}

/** A number of seconds, as results give it. */
export function Seconds(description: string): PropertyDecorator {
  return applyDecorators(IsNumber(), Min(0), Described(description));
}

/** The longest side of a picture that is made, in pixels. */
export const longestSide = 8_192;
