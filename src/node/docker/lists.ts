import { goJson } from '../../base/go-json.ts';
import { executeTemplate } from '../../base/go-template/index.ts';
import { alignTabs, type TabOptions } from '../../base/tabwriter.ts';
import { type DockerContainer, daemonError } from './model.ts';

/** Docker's tables: columns of at least 10, 3 apart. */
const DOCKER: TabOptions = { minWidth: 10, tabWidth: 1, padding: 3 };

const table = (rows: string[][], tabs: TabOptions): string =>
  alignTabs(`${rows.map((row) => row.join('\t')).join('\n')}\n`, tabs);

/** Rows by a template of `--format` (`table {{.ID}}`, `json`), or as a table whose columns `head` names. */
export function shown(
  format: string | undefined,
  head: Record<string, string>,
  rows: Record<string, unknown>[],
  tabs = DOCKER,
): string {
  if (!format || format === 'table')
    return table([Object.values(head), ...rows.map((row) => Object.keys(head).map((key) => String(row[key])))], tabs);
  if (format === 'json') return rows.map((row) => `${goJson(row)}\n`).join('');
  const titled = format.startsWith('table ');
  const template = format
    .replace(/^table /, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const lines = [...(titled ? [head] : []), ...rows].map((row) =>
    /^\{\{ ?json \. ?\}\}$/.test(template) ? goJson(row) : executeTemplate(template, row),
  );
  return titled
    ? table(
        lines.map((line) => line.split('\t')),
        tabs,
      )
    : lines.map((line) => `${line}\n`).join('');
}

/** `--filter name=web --filter status=exited` */
export function passes(container: DockerContainer, filters: string[]): boolean {
  return filters.every((filter) => {
    const [key = '', value = ''] = filter.split(/=(.*)/s);
    if (key === 'name') return new RegExp(value).test(container.name);
    if (key === 'id') return container.id.startsWith(value);
    if (key === 'status') return container.state === value;
    if (key === 'label') {
      const [name = '', wanted] = value.split(/=(.*)/s);
      return wanted === undefined ? name in container.labels : container.labels[name] === wanted;
    }
    if (key === 'ancestor') return container.image === value || container.image.startsWith(`${value}:`);
    throw daemonError(`invalid filter '${key}'`);
  });
}
