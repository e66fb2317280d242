import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { loadCel } from '../cel/index.ts';
import { loadStrategies, strategyOf, viewOf } from './index.ts';
import { testContext } from './test-context.ts';

interface Recorded {
  resource: string;
  given: KubeObject;
  created: KubeObject;
  cells?: unknown[];
}

const CREATED_AT = '2026-11-21T04:13:05Z';
const recorded = readFileSync(new URL('./testdata/created.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const cases = recorded.map((one): [string, Recorded] => [`${one.resource} ${one.created.metadata.name}`, one]);

/** What admission adds and the decoder always writes is no strategy's work: left out on both sides. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map(essence) : undefined;
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? undefined : value;
  const fields = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, essence(item)])
    .filter(([, item]) => item !== undefined);
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}

/** Addresses and uids differ between clusters. */
const masked = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null)
      .replace(/10\.(9[6-9]|10[0-9]|11[01])\.[0-9]+\.[0-9]+/g, 'CLUSTER-IP')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID'),
  );

function withoutAdmission(object: KubeObject): unknown {
  const copy = structuredClone(object) as KubeObject & { spec?: Record<string, unknown> };
  if (copy.kind === 'Pod' && copy.spec) {
    const text = JSON.stringify(copy.spec, (key, value: unknown) => {
      if (['serviceAccount', 'serviceAccountName', 'tolerations', 'priority', 'preemptionPolicy'].includes(key))
        return undefined;
      return Array.isArray(value)
        ? value.filter(({ name }: { name?: string }) => !name?.startsWith('kube-api-access'))
        : value;
    });
    copy.spec = JSON.parse(text) as Record<string, unknown>;
  }
  if (copy.kind === 'Node' && copy.spec) copy.spec.taints = undefined;
  if (copy.kind.startsWith('PersistentVolume')) copy.metadata.finalizers = undefined;
  return masked(essence(copy));
}

beforeAll(() => Promise.all([loadStrategies(), loadCel()]));

describe('a minimal object of each kind', () => {
  it.each(cases)('%s is created as on a real cluster', (_, { resource, given, created }) => {
    const strategy = strategyOf(resource) ?? { resource };
    const context = testContext();
    const draft = structuredClone(given);
    draft.metadata = { ...draft.metadata, namespace: created.metadata.namespace };
    strategy.setDefaults?.(draft);
    if (resource === 'nodes') delete (draft as { status?: unknown }).status;
    draft.metadata.uid = '00000000-0000-4000-8000-000000000000';
    const validated = [...(strategy.allocate?.(draft, undefined, context) ?? [])];
    strategy.prepareForCreate?.(draft, context);
    validated.push(
      ...(strategy.validate?.(draft, context) ?? []),
      ...(strategy.validateCreate?.(draft, context) ?? []),
    );
    expect(validated.filter(({ field }) => !field.includes('serviceAccountToken'))).toEqual([]);
    strategy.setDefaults?.(draft);
    delete draft.metadata.uid;
    const expected = structuredClone(created);
    if (resource === 'nodes') delete (expected as { status?: unknown }).status;
    expect(withoutAdmission(draft)).toEqual(withoutAdmission(expected));
  });

  it.each(cases.filter(([, { cells }]) => cells))(
    '%s is shown as on a real cluster',
    async (_, { resource, created, cells }) => {
      const view = await viewOf(resource, 'v1.33.13');
      const object = { ...created, metadata: { ...created.metadata, creationTimestamp: CREATED_AT } };
      const shown = view.columns.map(({ cell }) => cell(object, Date.parse(CREATED_AT)));
      expect(masked(shown)).toEqual(masked(cells));
    },
  );
});
