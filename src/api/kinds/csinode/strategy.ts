import type { V1CSINode } from '@kubernetes/client-node';
import { goQuote } from '../../../base/go-quote.ts';
import type { Resource } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, IMMUTABLE, nonNegative, qualifiedName, same } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';
import { validateDriverName } from '../shared/volume-sources.ts';

type CSINode = Resource<V1CSINode>;
type Driver = V1CSINode['spec']['drivers'][number];

const MAX_NODE_ID = 256;

function validateNodeId(id: string, path: string): FieldError[] {
  if (!id) return [required(path)];
  return id.length > MAX_NODE_ID ? [invalid(path, id, `must be ${MAX_NODE_ID} characters or less`)] : [];
}

function validateDriver(driver: Driver, path: string, names: Set<string>): FieldError[] {
  const { name, nodeID, allocatable, topologyKeys: keys = [] } = driver;
  const errors = [
    ...validateDriverName(name, `${path}.name`),
    ...validateNodeId(nodeID ?? '', `${path}.nodeID`),
    ...nonNegative(`${path}.allocatable.count`, allocatable?.count),
    ...(names.has(name) ? [duplicate(`${path}.name`, name)] : []),
  ];
  names.add(name);
  return [
    ...errors,
    ...keys.flatMap((key, index) => [
      ...(key ? [] : [required(path)]),
      ...(keys.indexOf(key) < index ? [duplicate(path, key)] : []),
      ...qualifiedName(path, key),
    ]),
  ];
}

const goDriver = ({ name, nodeID, topologyKeys, allocatable }: Driver): GoSyntax =>
  new GoSyntax(
    `storage.CSINodeDriver{Name:${goQuote(name)}, NodeID:${goQuote(nodeID)}, TopologyKeys:${goStrings(topologyKeys).text}, Allocatable:(*storage.VolumeNodeResources)(${allocatable ? '0xc000a1e2d0' : 'nil'})}`,
  );

export const strategy: KindRules<CSINode> = {
  resource: 'csinodes.storage.k8s.io',
  updateChecks: ['object', 'object', 'changes'],
  clusterScoped: true,
  needsVersion: true,
  validate: ({ spec }) => {
    const names = new Set<string>();
    return each(spec?.drivers, 'spec.drivers', (driver, at) => validateDriver(driver, at, names));
  },
  validateUpdate: ({ spec }, { spec: old }) =>
    (old?.drivers ?? []).flatMap((before) =>
      (spec?.drivers ?? [])
        .filter((driver) => driver.name === before.name && !same(driver, before))
        .map((driver) => invalid('spec.drivers', goDriver(driver), IMMUTABLE)),
    ),
};
