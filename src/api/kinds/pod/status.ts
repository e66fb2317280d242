import { isDns1123Subdomain, isUnixId } from '../../../base/names.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../../types/objects.ts';
import { duplicate, type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { each, immutable, invalidEach, qualifiedName } from '../shared/checks.ts';
import { goListSyntax } from '../shared/go-struct.ts';
import { ipField } from '../shared/ips.ts';
import { validateAnnotationChanges } from './validation.ts';

type Status = NonNullable<Pod['status']>;

const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];
const AT = 'status';

/** A container of a pod that does not restart it may not leave its terminated state. */
function validateTransitions(
  now: ContainerStatus[] | undefined,
  before: ContainerStatus[] | undefined,
  restartPolicy: PodSpec['restartPolicy'],
  path: string,
): FieldError[] {
  if (restartPolicy === 'Always') return [];
  return each(before, path, ({ name, state }, at) => {
    const { terminated } = state ?? {};
    if (!terminated || (terminated.exitCode !== 0 && restartPolicy === 'OnFailure')) return [];
    const next = now?.find((status) => status.name === name);
    return next && !next.state?.terminated
      ? [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')]
      : [];
  });
}

const isSidecar = (containers: Container[] | undefined, name: string): boolean =>
  containers?.find((container) => container.name === name)?.restartPolicy === 'Always';

type Addresses = { ip: string }[];

/** Addresses: each right, and one of each family at most. `type` is what Go calls one of them. */
function validateIps(
  list: Addresses | undefined,
  known: Addresses | undefined,
  type: string,
  path: string,
): FieldError[] {
  const old = new Set((known ?? []).map(({ ip }) => ip));
  const ips = (list ?? []).map(({ ip }) => ip);
  const errors = each(ips, path, (ip, at) => (old.has(ip) ? [] : ipField(at, ip)));
  const families = ips.map((ip) => ip.includes(':'));
  if (ips.length > 1 && (ips.length > 2 || families[0] === families[1])) {
    const value = goListSyntax({ name: `core.${type}`, fields: [['IP', 'ip', '""']] }, list);
    errors.push(invalid(path, value, 'may specify no more than one IP for each IP family'));
  }
  return errors;
}

function validateUsers(statuses: ContainerStatus[] | undefined, os: string, path: string): FieldError[] {
  return each(statuses, path, ({ user }, at) => {
    const linux = user?.linux;
    if (!linux) return [];
    const where = `${at}.user.linux`;
    if (os === 'windows') return [forbidden(where, 'cannot be set for a windows pod')];
    return [
      ...invalidEach(`${where}.uid`, linux.uid, isUnixId(linux.uid)),
      ...invalidEach(`${where}.gid`, linux.gid, isUnixId(linux.gid)),
      ...each(linux.supplementalGroups, `${where}.supplementalGroups`, (id, idAt) =>
        invalidEach(idAt, id, isUnixId(id)),
      ),
    ];
  });
}

function validateClaims({ status, spec }: Pod): FieldError[] {
  const names = new Set<string>();
  return each(status?.resourceClaimStatuses, `${AT}.resourceClaimStatuses`, ({ name }, at) => {
    const errors: FieldError[] = [];
    if (!spec?.resourceClaims?.some((claim) => claim.name === name))
      errors.push(invalid(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    return errors;
  });
}

/** ValidatePodStatusUpdate without its metadata. */
export function validateStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const status: Status = pod.status ?? {};
  const before: Status = old.status ?? {};
  const policy = old.spec?.restartPolicy;
  const os = pod.spec?.os?.name ?? 'linux';
  const sidecars = (statuses: ContainerStatus[] | undefined) =>
    (statuses ?? []).map((one) => (isSidecar(old.spec?.initContainers, one.name) ? { ...one, state: undefined } : one));
  const nominated = status.nominatedNodeName;
  return [
    ...validateAnnotationChanges(pod, old),
    ...each(status.conditions, `${AT}.conditions`, ({ type }, at) =>
      SYSTEM_CONDITIONS.includes(type) ? [] : qualifiedName(`${at}.Type`, type),
    ),
    ...(pod.spec?.nodeName === old.spec?.nodeName ? [] : [forbidden(`${AT}.nodeName`, 'may not be changed directly')]),
    ...(nominated && nominated !== before.nominatedNodeName
      ? invalidEach(`${AT}.nominatedNodeName`, nominated, isDns1123Subdomain(nominated))
      : []),
    ...immutable(`${AT}.qosClass`, status.qosClass, before.qosClass),
    ...validateTransitions(status.containerStatuses, before.containerStatuses, policy, `${AT}.containerStatuses`),
    ...validateTransitions(
      status.initContainerStatuses,
      sidecars(before.initContainerStatuses) as ContainerStatus[],
      policy,
      `${AT}.initContainerStatuses`,
    ),
    ...validateTransitions(
      status.ephemeralContainerStatuses,
      before.ephemeralContainerStatuses,
      'Never',
      `${AT}.ephemeralContainerStatuses`,
    ),
    ...validateClaims(pod),
    ...validateIps(
      status.podIPs as Addresses | undefined,
      before.podIPs as Addresses | undefined,
      'PodIP',
      `${AT}.podIPs`,
    ),
    ...validateHostIps(status, before),
    ...(['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap((list) =>
      validateUsers(status[list], os, `${AT}.${list}`),
    ),
  ];
}

function validateHostIps({ hostIP = '', hostIPs }: Status, before: Status): FieldError[] {
  const at = `${AT}.hostIPs`;
  const first = hostIPs?.[0]?.ip;
  return [
    ...(first === undefined || first === hostIP ? [] : [invalid(`${at}[0].ip`, first, 'must be equal to `hostIP`')]),
    ...validateIps(hostIPs as Addresses | undefined, before.hostIPs as Addresses | undefined, 'HostIP', at),
  ];
}
