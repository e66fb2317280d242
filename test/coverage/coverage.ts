import { PLUGINS } from '../../src/api/admission/index.ts';
import { KINDS, viewOf } from '../../src/api/kinds/index.ts';
import type { KindRules } from '../../src/api/kinds/shared/strategy.ts';
import { type ApiResource, readRegistry, resourceName } from '../../src/api/schema/registry.ts';
import { controllers } from '../../src/controllers/index.ts';
import { describerFor } from '../../src/kubectl/describe/index.ts';
import { scheduler } from '../../src/scheduler/index.ts';
import { findings, OPERATIONS } from './operations.ts';

// docs/coverage.md: every built-in kind, and what is implemented of it, from the code itself.

/** The last column that tables have whose kind no printer knows. */
const DEFAULT_COLUMN = 'Created At';

interface Kind {
  /** `v1`, `apps/v1` */
  apiVersion: string;
  group: string;
  /** The name that strategies, views and watches know it by. */
  resource: string;
  offered: ApiResource;
  subresources: ApiResource[];
}

function kinds(): Kind[] {
  return Object.entries(readRegistry().resources).flatMap(([apiVersion, list]) => {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
    return list
      .filter(({ name }) => !name.includes('/'))
      .map((offered) => ({
        apiVersion,
        group,
        resource: resourceName(offered.name, group),
        offered,
        subresources: list.filter(({ name }) => name.startsWith(`${offered.name}/`)),
      }));
  });
}

/** Which of a strategy's hooks say what. */
const RULES: [what: string, hooks: (keyof KindRules)[]][] = [
  ['defaults', ['setDefaults']],
  ['validation', ['validate', 'validateCreate']],
  ['changes', ['validateUpdate', 'prepareForUpdate']],
  ['status', ['validateStatusUpdate', 'prepareForStatusUpdate', 'validateSubresource']],
  ['warnings', ['warnings']],
];

async function rulesOf(resource: string): Promise<string> {
  const folder = KINDS[resource];
  if (!folder) return '';
  const { strategy } = (await import(`../../src/api/kinds/${folder}/strategy.ts`)) as { strategy: KindRules };
  return RULES.filter(([, hooks]) => hooks.some((hook) => strategy[hook]))
    .map(([what]) => what)
    .join(', ');
}

async function hasColumns(resource: string): Promise<boolean> {
  const { columns } = await viewOf(resource, 'v1.33.0');
  return columns.every(({ name }) => name !== DEFAULT_COLUMN);
}

async function isDescribed(kind: string, group: string): Promise<boolean> {
  const { describeGeneric } = await import('../../src/kubectl/describe/generic.ts');
  return (await describerFor(kind, group)) !== describeGeneric;
}

const pluginsOf = (resource: string): string[] =>
  PLUGINS.filter(({ resources }) => resources?.includes(resource)).map(({ name }) => name);

const actorsOf = (resource: string): string[] =>
  [...controllers, scheduler]
    .filter(({ watches }) => watches.some((rule) => rule.resource === resource))
    .map(({ name }) => name);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const flag = (is: boolean): string => (is ? '✓' : '');

/** The whole document. */
export async function coverage(): Promise<string> {
  const all = kinds();
  const operations: string[][] = [];
  const parts: string[][] = [];
  for (const { apiVersion, group, resource, offered, subresources } of all) {
    const { kind } = offered;
    const found = await findings(resource, apiVersion, offered, subresources);
    const views = Object.entries(found.subresources).map(([name, verbs]) => `${name}: ${verbs}`);
    operations.push([kind, apiVersion, ...OPERATIONS.map((one) => found.operations[one]), views.join('; ')]);
    parts.push([
      kind,
      apiVersion,
      await rulesOf(resource),
      flag(await hasColumns(resource)),
      flag(await isDescribed(kind, group)),
      pluginsOf(resource).join(', '),
      actorsOf(resource).join(', '),
    ]);
  }
  const everywhere = PLUGINS.filter(({ resources }) => !resources).map(({ name }) => name);
  return `# What is implemented

Generated from the code by \`node scripts/coverage.mjs\`; a test fails when this file is out of date.

## Operations

Each was asked of the API server: ✓ works, a number is the code of the refusal, an empty cell is not offered (by a real API server
neither).

${table(['kind', 'version', ...OPERATIONS, 'subresources'], operations)}

## Parts

Of a kind's own: *rules* are what its strategy holds besides what all kinds have in common (metadata, generation, managedFields);
a kind without columns is shown by name and age, one without a describer by its fields. Admission plugins that look at every
kind: ${everywhere.join(', ')}. The garbage collector and the namespace controller see to every kind as well.

${table(['kind', 'version', 'rules', 'columns', 'describe', 'admission', 'controllers that watch it'], parts)}
`;
}
