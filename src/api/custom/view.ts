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

function cellOf({ type, jsonPath }: PrinterColumn): (object: KubeObject, now: number) => Cell {
  let path: JsonPath | undefined;
  return (object, now) => {
    try {
      path ??= new JsonPath(`{${jsonPath}}`, { allowMissingKeys: true });
      const results = path.find(object).flat();
      if (results.length === 0 || results[0] === undefined || results[0] === null) return null;
      const [value] = results;
      if (type === 'date') return typeof value === 'string' ? humanDuration(now - parseTime(value)) : '<invalid>';
      if (type === 'string') return typeof value === 'string' && results.length === 1 ? value : path.execute(object);
      return typeof value === 'number' || typeof value === 'boolean' ? value : null;
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
