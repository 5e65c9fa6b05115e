import { plainToInstance } from 'class-transformer';
// @ts-expect-error It is not typed by this path, though Nest reads it by it too.
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage.js';
import { getMetadataStorage } from 'class-validator';
import type { Class } from './job-definition.js';

const transforms = defaultMetadataStorage as MetadataStorage;
/** `TransformationType.PLAIN_TO_CLASS`, which is no value outside of class-transformer. */
const toClass = 0;
const plainFieldsOf = new WeakMap<object, ReadonlySet<string>>();

/**
 * An instance of a decorated class with the fields of this data, as class-transformer makes it.
 *
 * Where all of them are plain, class-transformer would but copy them: doing that here takes 0.5 µs instead of 3 to 4, a fifth of all that an attempt and Nest cost.
 */
export function instanceOf<T extends object>(type: Class<T>, data: object): T {
  return isPlain(type, data) ? Object.assign(new type(), data) : plainToInstance(type, data);
}

function isPlain(type: Class<object>, data: object): boolean {
  let fields = plainFieldsOf.get(type);
  if (!fields) plainFieldsOf.set(type, (fields = plainFields(type)));
  return Object.entries(data).every(([key, value]) => fields.has(key) && holdsNothing(value));
}

/** A value of JSON with none in it. */
function holdsNothing(value: unknown): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  return (
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).length === 0
  );
}

/** The validated fields that no decorator of class-transformer changes. What is unknown is not among them, nor what an instance inherits. */
function plainFields(type: Class<object>): ReadonlySet<string> {
  const validated = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = new Set(validated.map(({ propertyName }) => propertyName));
  return isWholeExposed(type)
    ? new Set([...names].filter((name) => !isChanged(type, name) && !(name in (type.prototype as object))))
    : new Set();
}

function isWholeExposed(type: Class<object>): boolean {
  const { length: hidden } = transforms.getExcludedMetadatas(type);
  const { length: exposed } = transforms.getExposedMetadatas(type);
  return transforms.getStrategy(type) === 'none' && hidden === 0 && exposed === 0;
}

function isChanged(type: Class<object>, name: string): boolean {
  const { length } = transforms.findTransformMetadatas(type, name, toClass);
  return length > 0 || transforms.findTypeMetadata(type, name) !== undefined;
}
