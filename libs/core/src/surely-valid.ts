import { getMetadataStorage, type ValidationArguments, ValidationTypes } from 'class-validator';

interface Rule {
  readonly property: string;
  /** Where one says no, the value may be anything. */
  readonly conditions: readonly ((object: object, value: unknown) => unknown)[];
  readonly checks: readonly ((object: object, value: unknown) => unknown)[];
  readonly isNested: boolean;
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const known: ReadonlySet<string> = new Set([
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
  ValidationTypes.IS_DEFINED,
]);
const rulesOf = new WeakMap<object, ReadonlyMap<string, Rule> | undefined>();

/**
 * Whether class-validator would find nothing wrong with an instance of a decorated class, no unknown field either. False also where that cannot be told:
 * ask class-validator then, it has the words for it.
 *
 * It asks the very constraints that the decorators name, but collects them once for each class, where class-validator searches through those of all
 * classes each time. With it, checking a request for a job takes half as long.
 */
export function isSurelyValid(instance: object): boolean {
  const { constructor } = Object.getPrototypeOf(instance) as object;
  if (!rulesOf.has(constructor)) rulesOf.set(constructor, collect(constructor));
  const rules = rulesOf.get(constructor);
  if (!rules) return false;
  for (const key of Object.keys(instance)) if (!rules.has(key)) return false;
  for (const rule of rules.values()) if (!keeps(instance, rule)) return false;
  return true;
}

function keeps(instance: object, { property, conditions, checks, isNested }: Rule): boolean {
  const value = (instance as Readonly<Record<string, unknown>>)[property];
  if (!conditions.every((applies) => applies(instance, value))) return true;
  return checks.every((passes) => passes(instance, value) === true) && (!isNested || isNestedValid(value));
}

function isNestedValid(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((part) => !Array.isArray(part) && isNestedValid(part));
  return value === undefined || (typeof value === 'object' && value !== null && isSurelyValid(value));
}

/** Undefined of a class that uses what is not known here, or nothing at all. */
function collect(type: object): ReadonlyMap<string, Rule> | undefined {
  const all = getMetadataStorage().getTargetValidationMetadatas(type as never, '', false, false);
  if (all.length === 0 || !all.every(({ type: kind }) => known.has(kind))) return undefined;
  const properties = new Set(all.map(({ propertyName }) => propertyName));
  return new Map([...properties].map((property) => [property, ruleOf(property, all)]));
}

function ruleOf(property: string, all: readonly Metadata[]): Rule {
  const own = all.filter(({ propertyName }) => propertyName === property);
  const of = (kind: string): Metadata[] => own.filter(({ type }) => type === kind);
  return {
    property,
    conditions: of(ValidationTypes.CONDITIONAL_VALIDATION).map(
      ({ constraints }) => constraints[0] as Rule['conditions'][number],
    ),
    checks: [...of(ValidationTypes.IS_DEFINED), ...of(ValidationTypes.CUSTOM_VALIDATION)].flatMap(checksOf),
    isNested: of(ValidationTypes.NESTED_VALIDATION).length > 0,
  };
}

function checksOf({ propertyName, constraints, constraintCls, each, validateIf }: Metadata): Rule['checks'] {
  const found = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  return found.map(({ instance }) => (object, value) => {
    const args: ValidationArguments = {
      targetName: object.constructor.name,
      property: propertyName,
      object,
      value,
      constraints,
    };
    if (validateIf && !validateIf(object, value)) return true;
    if (!each || !Array.isArray(value)) return !isCollection(value) && instance.validate(value, args);
    return value.every((part) => instance.validate(part, args) === true);
  });
}

/** Not of JSON. */
function isCollection(value: unknown): boolean {
  return value instanceof Set || value instanceof Map;
}
