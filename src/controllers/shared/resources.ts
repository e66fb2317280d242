import { Registry, readRegistry } from '../../api/schema/registry.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject } from '../../types/objects.ts';

const PREFIX = 'objects/';

/** Resources that hold objects, by the names that the client takes; custom ones included. */
export const resourcesInUse = (world: ActorWorld): string[] =>
  world.state
    .sections()
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));

interface Definition extends KubeObject {
  spec: { group: string; scope: string; names: { kind: string; plural: string } };
}

/** Whether there is a resource of that name: `pods`, `deployments.apps`, a definition's. */
export function isResource(world: ActorWorld, name: string): boolean {
  registry ??= new Registry(readRegistry());
  return (
    registry.byName(name) !== undefined ||
    world.client.get('customresourcedefinitions.apiextensions.k8s.io', '', name) !== undefined
  );
}

/** Whether the objects of a resource are in namespaces. */
export function isNamespaced(world: ActorWorld, name: string): boolean {
  registry ??= new Registry(readRegistry());
  const known = registry.byName(name);
  if (known) return known.namespaced;
  const definition = world.client.get('customresourcedefinitions.apiextensions.k8s.io', '', name);
  return (definition as Definition | undefined)?.spec.scope === 'Namespaced';
}

const NAMES = new Map<string, string | undefined>();
let registry: Registry | undefined;

/** The resource that holds objects of a kind; undefined if there is no such kind. */
export function resourceOfKind(world: ActorWorld, apiVersion: string, kind: string): string | undefined {
  const key = `${apiVersion}/${kind}`;
  if (!NAMES.has(key)) {
    registry ??= new Registry(readRegistry());
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    NAMES.set(key, registry.byKind(group, version, kind)?.name);
  }
  return NAMES.get(key) ?? customResource(world, apiVersion, kind);
}

function customResource(world: ActorWorld, apiVersion: string, kind: string): string | undefined {
  const group = apiVersion.split('/')[0];
  const definitions = world.client.list('customresourcedefinitions.apiextensions.k8s.io') as Definition[];
  const found = definitions.find(({ spec }) => spec.group === group && spec.names.kind === kind);
  return found && `${found.spec.names.plural}.${group}`;
}
