import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../types/objects.ts';
import { Registry, type Resource, readRegistry } from '../../schema/registry.ts';
import { anyObject } from '../../testing/arbitrary.ts';
import type { ResourceRequest } from '../../world.ts';
import { canonical } from '../body.ts';
import type { JsonObject } from '../patch/json-value.ts';
import { applyConfiguration } from './apply.ts';

const OPTIONS = { seed: 33, numRuns: 100 };
const registry = new Registry(readRegistry());

const TYPES: [type: string, group: string, plural: string][] = [
  ['core/v1.Pod', '', 'pods'],
  ['apps/v1.Deployment', 'apps', 'deployments'],
  ['core/v1.Service', '', 'services'],
];

/** What an apply needs of a request. */
const requestOf = (resource: Resource, manager: string) =>
  ({ resource, manager, subresource: '', world: { now: () => 0, strategy: () => ({}) } }) as unknown as ResourceRequest;

describe.each(TYPES)('server-side apply of %s', (type, group, plural) => {
  const resource = registry.find(group, 'v1', plural)!;
  const { kind } = resource;
  const apiVersion = group ? `${group}/v1` : 'v1';
  const config = anyObject(type).map(
    (object): JsonObject => ({
      ...object,
      kind,
      apiVersion,
      metadata: { ...(object.metadata as JsonObject), name: 'x' },
    }),
  );
  const empty = canonical(resource, { kind, apiVersion, metadata: {} });
  const apply = (live: KubeObject, manager: string, body: JsonObject): KubeObject => {
    const applied = canonical(resource, applyConfiguration(requestOf(resource, manager), live, body, true));
    return { ...applied, metadata: { ...applied.metadata, uid: 'u' } };
  };

  test('apply then apply changes nothing', () => {
    fc.assert(
      fc.property(config, config, (mine, theirs) => {
        const first = apply(apply(empty, 'they', theirs), 'me', mine);
        expect(apply(first, 'me', mine)).toEqual(first);
      }),
      OPTIONS,
    );
  });

  test('what only one manager applied goes with its last word', () => {
    fc.assert(
      fc.property(config, config, (mine, theirs) => {
        const nothing = { kind, apiVersion, metadata: { name: 'x' } };
        const theirsAlone = apply(apply(empty, 'they', theirs), 'they', theirs);
        const after = apply(apply(theirsAlone, 'me', mine), 'they', theirs);
        const alone = apply(apply(after, 'me', nothing), 'they', theirs);
        expect(alone.metadata.managedFields?.map(({ manager }) => manager)).toEqual(
          theirsAlone.metadata.managedFields?.map(({ manager }) => manager),
        );
      }),
      OPTIONS,
    );
  });
});
