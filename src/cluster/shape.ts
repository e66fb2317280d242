/** What a value may be, as data: checked by `checkShape`, which names every field that is something else. */
export type Shape =
  | { type: 'string'; matches?: RegExp; like?: string }
  | { type: 'integer'; from?: number }
  | { type: 'boolean' }
  | { type: 'one of'; values: readonly string[] }
  | { type: 'list'; of: Shape }
  | { type: 'map'; of: Shape }
  | { type: 'object'; fields: Record<string, Shape>; required?: readonly string[] }
  /** Checked elsewhere. */
  | { type: 'any' };

/** The problems of `value`, each `PATH: WHAT: WHAT IS ALLOWED`; empty if there are none. */
export function checkShape(value: unknown, shape: Shape, path: string): string[] {
  const problem = (allowed: string) => [`${path || 'the document'}: ${describe(value)} is not allowed: ${allowed}`];
  switch (shape.type) {
    case 'any':
      return [];
    case 'string':
      if (typeof value !== 'string') return problem(`it must be a string${shape.like ? ` like ${shape.like}` : ''}`);
      return shape.matches && !shape.matches.test(value) ? problem(`it must look like ${shape.like}`) : [];
    case 'integer': {
      const from = shape.from ?? 0;
      return Number.isInteger(value) && (value as number) >= from
        ? []
        : problem(`it must be a whole number from ${from} on`);
    }
    case 'boolean':
      return typeof value === 'boolean' ? [] : problem('it must be true or false');
    case 'one of':
      return shape.values.includes(value as string) ? [] : problem(`it must be one of ${shape.values.join(', ')}`);
    case 'list':
      if (!Array.isArray(value)) return problem('it must be a list');
      return value.flatMap((item, index) => checkShape(item, shape.of, `${path}[${index}]`));
    case 'map':
      if (!isRecord(value)) return problem('it must be a mapping');
      return Object.entries(value).flatMap(([key, item]) => checkShape(item, shape.of, join(path, key)));
    case 'object':
      return isRecord(value) ? checkFields(value, shape, path) : problem('it must be a mapping');
  }
}

function checkFields(value: Record<string, unknown>, shape: Shape & { type: 'object' }, path: string): string[] {
  const { fields, required = [] } = shape;
  return [
    ...required.filter((name) => value[name] === undefined).map((name) => `${join(path, name)}: is required`),
    ...Object.entries(value).flatMap(([name, item]) =>
      fields[name]
        ? checkShape(item, fields[name], join(path, name))
        : [`${join(path, name)}: unknown field: the fields here are ${Object.keys(fields).join(', ')}`],
    ),
  ];
}

const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
