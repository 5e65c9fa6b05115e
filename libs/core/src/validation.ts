import 'reflect-metadata';
import { validateSync, type ValidationError } from 'class-validator';
import { type FieldError, InvalidPayloadError } from './errors.js';
import { instanceOf } from './instance.js';
import type { Class, JobDefinition } from './job-definition.js';
import { isSurelyValid } from './surely-valid.js';

/**
 * The payload as an instance of the contract's class, defaults filled in.
 * @throws {InvalidPayloadError} with every wrong field, unknown ones included
 */
export function parsePayload<P extends object>(job: JobDefinition<P>, payload: unknown): P {
  const { value, errors } = check(job.payload, payload);
  if (errors.length > 0) throw new InvalidPayloadError(job.name, errors);
  return value;
}

/** Checks plain data against a decorated class. `value` is only to be used when `errors` is empty. */
export function check<T extends object>(type: Class<T>, data: unknown): { value: T; errors: FieldError[] } {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { value: new type(), errors: [{ path: '', message: 'must be an object' }] };
  const value = instanceOf(type, data);
  if (isSurelyValid(value)) return { value, errors: [] };
  const found = validateSync(value, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  return { value, errors: found.flatMap((error) => flatten(error, '')) };
}

function flatten(error: ValidationError, parent: string): FieldError[] {
  const path = joinPath(parent, error.property);
  const own = Object.values(error.constraints ?? {}).map((text) => ({
    path,
    message: withoutName(text, error.property),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}

function joinPath(parent: string, property: string): string {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}

/** class-validator starts its texts with the property; the path says that already, and better. */
function withoutName(text: string, property: string): string {
  if (text === `property ${property} should not exist`) return 'is not a known field';
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}
