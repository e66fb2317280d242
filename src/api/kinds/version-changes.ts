import type { KubeObject, Pod } from '../../types/objects.ts';
import type { Cell } from './kind.ts';

interface OlderCell {
  /** The last minor version of Kubernetes 1 that showed it so. */
  until: number;
  resource: string;
  column: string;
  cell(object: KubeObject): Cell;
}

/** What older versions' tables showed otherwise: a new difference is a line here. */
const OLDER_CELLS: OlderCell[] = [
  {
    // 1.22 began to say when the last restart was.
    until: 21,
    resource: 'pods',
    column: 'Restarts',
    cell: (object) =>
      String(
        (object as Pod).status?.containerStatuses?.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0) ?? 0,
      ),
  },
];

/** The cell of a column as `version` (`v1.21.1`) showed it, where that is not today's way. */
export function olderCell(resource: string, column: string, version: string): OlderCell['cell'] | undefined {
  const minor = Number(version.split('.')[1]);
  return OLDER_CELLS.find((older) => older.resource === resource && older.column === column && minor <= older.until)
    ?.cell;
}
