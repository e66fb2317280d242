import fc, { type Arbitrary } from 'fast-check';
import { type FieldInfo, type GoType, goType } from '../schema/types.ts';

type Json = Record<string, unknown>;

const NAMES = ['a', 'b', 'c', 'web', 'x-1'];
/** Fields that are looked at: few enough that two versions of an object meet in some. */
const FIELDS: Record<string, readonly string[]> = {
  'core/v1.Pod': ['metadata', 'spec'],
  'apps/v1.Deployment': ['metadata', 'spec'],
  'core/v1.Service': ['metadata', 'spec'],
  'meta/v1.ObjectMeta': ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  'apps/v1.DeploymentSpec': ['replicas', 'template', 'strategy', 'paused', 'minReadySeconds'],
  'core/v1.PodTemplateSpec': ['metadata', 'spec'],
  'core/v1.PodSpec': [
    'containers',
    'initContainers',
    'volumes',
    'nodeSelector',
    'tolerations',
    'imagePullSecrets',
    'hostAliases',
    'topologySpreadConstraints',
    'securityContext',
    'restartPolicy',
    'dnsConfig',
  ],
  'core/v1.Container': ['name', 'image', 'args', 'env', 'ports', 'volumeMounts', 'resources', 'livenessProbe', 'tty'],
  'core/v1.Volume': ['name', 'emptyDir', 'configMap', 'hostPath'],
  'core/v1.ServiceSpec': ['ports', 'selector', 'type', 'externalIPs', 'sessionAffinity'],
};

const text = fc.constantFrom(...NAMES);
const number = fc.integer({ min: 1, max: 4 });

/** Values of the special types, in their canonical form. */
const SPECIAL: Record<string, Arbitrary<unknown>> = {
  Time: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  MicroTime: fc.constant('2026-01-01T00:00:00.000000Z'),
  Duration: fc.constantFrom('1s', '1m0s'),
  Quantity: fc.constantFrom('1', '100m', '1Gi'),
  IntOrString: fc.constantFrom(80, '50%'),
};

/** Any value of a Go type that is not its zero, `depth` levels deep; lists that merge have each key once. */
export function anyValue(type: GoType, depth: number, field?: FieldInfo): Arbitrary<unknown> {
  switch (type.kind) {
    case 'pointer':
      return anyValue(type.elem, depth, field);
    case 'special':
      return SPECIAL[type.special] ?? fc.constant({ x: 1 });
    case 'scalar':
      if (type.scalar === 'bool') return fc.constant(true);
      if (type.scalar === 'bytes') return fc.constantFrom('YQ==', 'Yg==');
      return type.scalar === 'string' ? text : number;
    case 'map':
      return fc.dictionary(text, anyValue(type.elem, depth - 1), { minKeys: 1, maxKeys: 3, noNullPrototype: true });
    case 'slice': {
      const options = { minLength: 1, maxLength: 3 };
      const { patchMergeKey, listMapKeys = [], listType, patchStrategy = '' } = field ?? {};
      const keys = patchMergeKey ? [...new Set([patchMergeKey, ...listMapKeys])] : listMapKeys;
      const item = anyItem(type.elem, depth - 1, keys);
      if (keys.length > 0)
        return fc.uniqueArray(item, { ...options, selector: (one) => (one as Json)[patchMergeKey ?? keys[0]!] });
      const isSet = listType === 'set' || patchStrategy.includes('merge');
      // Sorted, for kubectl sorts a list of plain values that merges before it looks whether its order changed.
      return isSet ? fc.uniqueArray(item, options).map((items) => items.sort()) : fc.array(item, options);
    }
    case 'struct': {
      const { struct } = type;
      const known = FIELDS[struct.name];
      const fields = struct.fields.filter(({ name, type: of }) => (known ? known.includes(name) : isSmall(of)));
      const inside = depth > 0 ? fields : fields.filter(({ type: of }) => isSmall(of));
      const members = Object.fromEntries(inside.map((each) => [each.name, anyValue(each.type, depth - 1, each)]));
      return fc.record(members, { requiredKeys: [], noNullPrototype: true });
    }
  }
}

/** An item of a list, with the keys that name it. */
function anyItem(type: GoType, depth: number, keys: readonly string[]): Arbitrary<unknown> {
  const item = anyValue(type, depth);
  if (keys.length === 0 || type.kind !== 'struct') return item;
  const named = Object.fromEntries(keys.map((key) => [key, anyValue(type.struct.byName.get(key)!.type, 0)]));
  return fc
    .tuple(item, fc.record(named, { noNullPrototype: true }))
    .map(([value, name]) => ({ ...(value as Json), ...name }));
}

const isSmall = (type: GoType): boolean =>
  type.kind === 'scalar' || type.kind === 'special' || (type.kind === 'pointer' && isSmall(type.elem));

/** Any object of a type, `core/v1.Pod`, as JSON. */
export const anyObject = (typeName: string): Arbitrary<Json> => anyValue(goType(typeName), 6) as Arbitrary<Json>;
