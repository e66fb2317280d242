import { normalize } from '../api/machinery/normalize.ts';
import { typeNameOfKind } from '../api/schema/types.ts';
import { readAsset, readJsonAsset } from '../base/assets.ts';
import { nthAddress, parseCidr } from '../base/ip.ts';
import type { Random } from '../base/random.ts';
import { formatMicroTime, formatTime } from '../base/time.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { KubeObject } from '../types/objects.ts';
import type { ClusterSpec } from './config.ts';
import { nodesOf } from './config.ts';

/** What the texts of fixtures/bootstrap and fixtures/addons leave to each cluster: `{{clusterDNS}}`, `{{now}}` … */
export type Variables = Record<string, string>;

/** Replaces `{{name}}` in every string of a JSON value. */
export function fillIn<T>(value: T, variables: Variables): T {
  if (typeof value === 'string') return fillText(value, variables) as T;
  if (Array.isArray(value)) return value.map((item) => fillIn(item, variables)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fillText(key, variables), fillIn(item, variables)]),
  ) as T;
}

const fillText = (text: string, variables: Variables): string =>
  text.includes('{{') ? text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => variables[name] ?? whole) : text;

/** The variables of a cluster that starts at `now` (ms). */
export function clusterVariables(spec: ClusterSpec, now: number, random: Random): Variables {
  const nodes = nodesOf(spec);
  const controlPlane = nodes.find((node) => node.roles?.includes('control-plane'));
  const services = parseCidr(spec.network.serviceCIDR)!;
  const time = formatTime(now);
  return {
    now: time,
    nowMicro: formatMicroTime(now),
    date: time.slice(0, 10),
    version: spec.kubernetesVersion,
    podCIDR: spec.network.podCIDR,
    serviceCIDR: spec.network.serviceCIDR,
    kubernetesIP: nthAddress(services, 1),
    clusterDNS: spec.network.clusterDNS ?? nthAddress(services, 10),
    clusterDomain: spec.network.clusterDomain ?? 'cluster.local',
    apiServer: spec.apiServer,
    apiServerPort: new URL(spec.apiServer).port || '443',
    apiServerAddress: controlPlane?.internalIP ?? new URL(spec.apiServer).hostname,
    apiServerHostname: controlPlane?.name ?? 'kube-apiserver',
    apiServerId: random.suffix(26).toLowerCase(),
    apiServerUid: random.uuid(),
    caCertificate: readAsset('fixtures/pki/ca.crt'),
  };
}

/** Who wrote the objects of these names, or of all that are left: entries of metadata.managedFields, without their time. */
interface Writers {
  names?: string[];
  managers: object[];
}

/**
 * Writes what a new API server and the controllers' first minutes leave behind: namespaces, roles, priority levels,
 * service accounts … as they were recorded, straight into the store, for nobody has yet asked for anything.
 */
export function writeBootstrapObjects(store: ObjectStore, variables: Variables, random: Random): void {
  const resources = readJsonAsset<Record<string, KubeObject[]>>('fixtures/bootstrap/1.33.json');
  const writers = readJsonAsset<Record<string, Writers[]>>('fixtures/bootstrap/managers.json');
  const time = variables.now!;
  for (const [resource, objects] of Object.entries(resources)) {
    for (const object of objects) {
      const filled = fillIn(object, variables);
      const { name = '' } = filled.metadata;
      const { managers = [] } = writers[resource]?.find(({ names }) => !names || names.includes(name)) ?? {};
      const managedFields = managers.map((one) => ({ ...one, time, fieldsType: 'FieldsV1' }));
      const metadata = {
        uid: random.uuid(),
        creationTimestamp: time,
        ...filled.metadata,
        ...(managedFields.length > 0 && { managedFields }),
      };
      // In the order of the kind's fields, as a real server writes it.
      store.write(
        resource,
        normalize<KubeObject>(typeNameOfKind(object.apiVersion!, object.kind!), { ...filled, metadata }),
      );
    }
  }
}
