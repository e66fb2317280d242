/** A document as extended JSON has it: an ObjectId is `{$oid: …}`. */
export type Document = Record<string, unknown>;

const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('$oid' in value);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What a dotted path leads to. */
export const valueAt = (document: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Document | undefined)?.[key], document);

/** `undefined` where two values cannot be compared. */
function order(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return undefined;
}

const compares = (test: (difference: number) => boolean) => (value: unknown, wanted: unknown) => {
  const difference = order(value, wanted);
  return difference !== undefined && test(difference);
};

const equals = (value: unknown, wanted: unknown): boolean =>
  isSame(value ?? null, wanted) || (Array.isArray(value) && value.some((each) => isSame(each, wanted)));

/** Query operators by name. */
const OPERATORS: Record<string, (value: unknown, wanted: unknown) => boolean> = {
  $eq: equals,
  $ne: (value, wanted) => !equals(value, wanted),
  $gt: compares((difference) => difference > 0),
  $gte: compares((difference) => difference >= 0),
  $lt: compares((difference) => difference < 0),
  $lte: compares((difference) => difference <= 0),
  $in: (value, wanted) => (wanted as unknown[]).some((each) => equals(value, each)),
  $nin: (value, wanted) => !(wanted as unknown[]).some((each) => equals(value, each)),
  $exists: (value, wanted) => (value !== undefined) === Boolean(wanted),
};

/** Whether a document is one that a filter asks for. Throws the server's words for an operator that there is not. */
export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === '$and') return (wanted as Document[]).every((each) => matches(document, each));
    if (key === '$or') return (wanted as Document[]).some((each) => matches(document, each));
    if (key.startsWith('$')) throw new Error(`unknown top level operator: ${key}`);
    const value = valueAt(document, key);
    if (!isPlain(wanted) || !Object.keys(wanted).some((name) => name.startsWith('$'))) return equals(value, wanted);
    return Object.entries(wanted).every(([name, operand]) => {
      const operator = OPERATORS[name];
      if (!operator) throw new Error(`unknown operator: ${name}`);
      return operator(value, operand);
    });
  });
}

/** Update operators by name: what a field becomes; undefined takes it away. */
const UPDATES: Record<string, (old: unknown, operand: unknown) => unknown> = {
  $set: (_, operand) => operand,
  $unset: () => undefined,
  $inc: (old, operand) => Number(old ?? 0) + Number(operand),
  $push: (old, operand) => [...((old as unknown[] | undefined) ?? []), operand],
};

/** A document after an update of operators. Throws the server's words. */
export function updated(document: Document, update: Document): Document {
  const result = structuredClone(document);
  for (const [name, fields] of Object.entries(update)) {
    const change = UPDATES[name];
    if (!change)
      throw new Error(name.startsWith('$') ? `Unknown modifier: ${name}` : 'Update document requires atomic operators');
    for (const [path, operand] of Object.entries(fields as Document)) {
      const keys = path.split('.');
      const last = keys.pop()!;
      const target = keys.reduce<Document>((value, key) => {
        value[key] ??= {};
        return value[key] as Document;
      }, result);
      const next = change(target[last], operand);
      if (next === undefined) delete target[last];
      else target[last] = next;
    }
  }
  return result;
}

/** In the order that `{field: 1 or -1}` asks for. */
export function sorted(documents: Document[], by: Document): Document[] {
  return [...documents].sort((a, b) => {
    for (const [path, direction] of Object.entries(by)) {
      const difference = order(valueAt(a, path), valueAt(b, path)) ?? 0;
      if (difference !== 0) return difference * Number(direction);
    }
    return 0;
  });
}
