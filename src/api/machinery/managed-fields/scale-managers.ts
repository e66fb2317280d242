import type { KubeObject } from '../../../types/objects.ts';
import { difference, type Fields, fieldElement, isEmpty } from './fields.ts';
import { type Manager, readManagers, writeManagers } from './managers.ts';

type Entries = KubeObject['metadata']['managedFields'];

/** The version of every Scale. */
const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS = pathOf('.spec.replicas');

/** A dotted path as a set of fields: `.spec.replicas` → `{f:spec: {f:replicas: {}}}`. */
function pathOf(path: string): Fields {
  const names = path.split('.').filter((name) => name !== '');
  return names.reduceRight<Fields>((below, name) => ({ [fieldElement(name)]: below }), {});
}

/** Whether a set holds all paths of another. */
const includes = (fields: Fields, paths: Fields): boolean => isEmpty(difference(paths, fields));

/** ScaleHandler.ToSubresource: who owns the replicas of a workload, as a Scale tells it. */
export function managersOfScale(parent: Entries, replicasPath: string): Entries {
  const path = pathOf(replicasPath);
  const owners = readManagers(parent).filter(({ fields }) => includes(fields, path));
  return writeManagers(owners.map((owner) => ({ ...owner, apiVersion: SCALE_VERSION, fields: REPLICAS })));
}

/**
 * ScaleHandler.ToParent: the managers of a workload after its Scale has got others. Managers are known by their version, so that
 * every updater of the Scale is a new one to the workload, who acted at no known time; appliers are the same in every version.
 */
export function managersOfScaled(parent: Entries, scale: Entries, replicasPath: string, apiVersion: string): Entries {
  const path = pathOf(replicasPath);
  const scaling = readManagers(scale);
  const known = new Set(scaling.map(identifier));
  const kept = readManagers(parent).flatMap((one): Manager[] => {
    if (!includes(one.fields, path) || known.delete(identifier(one))) return [one];
    const fields = difference(one.fields, path);
    return isEmpty(fields) ? [] : [{ ...one, fields }];
  });
  const fresh = scaling.filter((one) => known.has(identifier(one)) && includes(one.fields, REPLICAS));
  return writeManagers([...kept, ...fresh.map((one) => ({ ...one, apiVersion, time: '', fields: path }))]);
}

/** internal.BuildManagerIdentifier */
const identifier = ({ manager, operation, apiVersion, subresource = '' }: Manager): string =>
  [manager, operation, operation === 'Apply' ? '' : apiVersion, subresource].join('\0');
