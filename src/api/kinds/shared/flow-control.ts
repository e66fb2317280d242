import { duplicate, type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, same } from './checks.ts';
import type { Condition } from './conditions.ts';

/** Conditions of flow control: of a type, one of each. */
export function validateTypes(conditions: Condition[] | undefined): FieldError[] {
  const types = (conditions ?? []).map(({ type = '' }) => type);
  return each(types, 'status.conditions', (type, at, index) => [
    ...(types.indexOf(type) < index ? [duplicate(`${at}.type`, type)] : []),
    ...(type ? [] : [required(`${at}.type`, 'must not be empty')]),
  ]);
}

interface Fixed {
  metadata: { name?: string };
  spec?: object;
}

/** Objects that every cluster has and nobody changes; `struct` is the Go type of their spec, `free` the field that may. */
export function validateFixed(
  object: Fixed,
  old: Fixed,
  { names, struct, free }: { names: readonly string[]; struct: string; free?: string },
): FieldError[] {
  const name = object.metadata.name ?? '';
  const rest = (spec: object = {}) => ({ ...spec, ...(free && { [free]: undefined }) });
  if (!names.includes(name) || same(rest(object.spec), rest(old.spec))) return [];
  const but = free ? ` except the 'spec.${free}' field` : '';
  return [invalid('spec', new GoSyntax(`${struct}{}`), `spec of '${name}'${but} must equal the fixed value`)];
}
