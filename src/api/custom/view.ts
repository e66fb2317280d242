import { readJsonAsset } from '../../base/assets.ts';
import { humanDuration } from '../../base/duration.ts';
import { JsonPath } from '../../base/jsonpath/index.ts';
import { parseTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { TableView } from '../kinds/index.ts';
import type { Cell, Column } from '../kinds/kind.ts';
import type { Resource } from '../schema/registry.ts';
import type { PrinterColumn } from './definition.ts';

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

type Descriptions = Record<string, Record<string, string>>;

/** A value in a column of that type; null where it does not fit. */
const CELLS: Record<string, (value: unknown, now: number) => Cell> = {
  string: (value) => (typeof value === 'string' ? value : new JsonPath('{@}').execute(value)),
  integer: (value) => (typeof value === 'number' ? Math.trunc(value) : null),
  number: (value) => (typeof value === 'number' ? value : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  date: (value, now) => (typeof value === 'string' ? ageOf(value, now) : null),
};

function ageOf(text: string, now: number): string {
  try {
    return humanDuration(now - parseTime(text));
  } catch {
    return '<invalid>';
  }
}

/** The first value that a column's path leads to. */
function cellOf({ type, jsonPath }: PrinterColumn): (object: KubeObject, now: number) => Cell {
  let path: JsonPath | undefined;
  return (object, now) => {
    try {
      path ??= new JsonPath(`{${jsonPath}}`, { allowMissingKeys: true });
      const [value] = path.find(object).flat();
      return value === undefined || value === null ? null : (CELLS[type]?.(value, now) ?? null);
    } catch {
      return null;
    }
  };
}

/** The columns of a custom resource: its name, and what its definition says (the age, when it says nothing). */
export function customView(resource: Resource): TableView {
  const { columns = [], selectableFields = [] } = resource.custom ?? {};
  const meta = readJsonAsset<Descriptions>('fixtures/schema/descriptions/meta.v1.json').ObjectMeta ?? {};
  const name: Column<KubeObject> = {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: meta.name ?? '',
    priority: 0,
    cell: (object) => object.metadata.name ?? '',
  };
  const own = (columns.length > 0 ? columns : [AGE]).map(
    (column): Column<KubeObject> => ({
      name: column.name,
      type: column.type as Column<KubeObject>['type'],
      format: column.format ?? '',
      description:
        column.description ??
        (column === AGE
          ? (meta.creationTimestamp ?? '')
          : `Custom resource definition column (in JSONPath format): ${column.jsonPath}`),
      priority: column.priority ?? 0,
      cell: cellOf(column),
    }),
  );
  const fields = selectableFields.map((path) => {
    const reader = new JsonPath(`{${path}}`, { allowMissingKeys: true });
    return [path.replace(/^\./, ''), (object: KubeObject) => String(reader.find(object).flat()[0] ?? '')] as const;
  });
  return { columns: [name, ...own], selectableFields: Object.fromEntries(fields), rowConditions: () => undefined };
}
