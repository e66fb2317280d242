import { isIP } from 'node:net';
import { inclusiveRangeError } from '../../../base/names.ts';
import type { ObjectMeta, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, label1123, oneOf, qualifiedName, subdomain1123 } from './checks.ts';
import {
  type PodContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts';
import { subdomainName, validateAnnotations, validateLabels } from './object-meta.ts';
import { type ResourceList, validateResources } from './resources.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validateHostUsers, validatePodSecurityContext } from './security.ts';
import { validateVolumes } from './volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
export const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const MAX_INT32 = 2 ** 31 - 1;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;

/** IsValidIPForLegacyField */
export const validateIp = (path: string, ip: string): FieldError[] =>
  isIP(ip) ? [] : [invalid(path, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];

function validateDns(spec: PodSpec, path: string): FieldError[] {
  const { dnsConfig: config, dnsPolicy } = spec;
  if (dnsPolicy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (!config.nameservers?.length)
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!config) return [];
  const { nameservers = [], searches = [], options } = config;
  const errors: FieldError[] = [];
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(
      invalid(`${path}.nameservers`, goStrings(nameservers), `must not have more than ${MAX_NAMESERVERS} nameservers`),
    );
  errors.push(...each(nameservers, `${path}.nameservers`, (ip, at) => validateIp(at, ip)));
  if (searches.length > MAX_SEARCHES)
    errors.push(
      invalid(`${path}.searches`, goStrings(searches), `must not have more than ${MAX_SEARCHES} search paths`),
    );
  if (searches.join(' ').length > MAX_SEARCH_CHARS)
    errors.push(
      invalid(
        `${path}.searches`,
        goStrings(searches),
        `must not have more than ${MAX_SEARCH_CHARS} characters (including spaces) in the search list`,
      ),
    );
  errors.push(
    ...each(searches, `${path}.searches`, (search, at) => subdomain1123(at, search.replace(/\.$/, ''))),
    ...each(options, `${path}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')])),
  );
  return errors;
}

function validateHostNetworkPorts(spec: PodSpec, isPod: boolean, path: string): FieldError[] {
  if (!spec.hostNetwork) return [];
  return each(spec.containers, `${path}.containers`, ({ ports }, at) =>
    each(ports, `${at}.ports`, ({ hostPort = 0, containerPort }, portPath) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalid(`${portPath}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  );
}

function validateGates(spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...each(spec.readinessGates, `${path}.readinessGates`, ({ conditionType }, at) =>
      qualifiedName(`${at}.conditionType`, conditionType),
    ),
    ...each(spec.schedulingGates, `${path}.schedulingGates`, ({ name }, at) => {
      const errors = qualifiedName(at, name);
      if (seen.has(name)) errors.push(duplicate(at, name));
      seen.add(name);
      return errors;
    }),
  ];
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const named = (field: 'serviceAccountName' | 'nodeName' | 'priorityClassName' | 'runtimeClassName') => {
    const name = spec[field];
    return name ? invalidEach(`${path}.${field}`, name, subdomainName(name, false)) : [];
  };
  const seconds = spec.activeDeadlineSeconds;
  const { hostname, subdomain } = spec;
  return [
    ...named('serviceAccountName'),
    ...named('nodeName'),
    ...(seconds !== undefined && (seconds < 1 || seconds > MAX_INT32)
      ? [invalid(`${path}.activeDeadlineSeconds`, seconds, inclusiveRangeError(1, MAX_INT32))]
      : []),
    ...(hostname ? label1123(`${path}.hostname`, hostname) : []),
    ...(subdomain ? label1123(`${path}.subdomain`, subdomain) : []),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...each(spec.hostAliases, `${path}.hostAliases`, ({ ip, hostnames }, at) => [
      ...validateIp(`${at}.ip`, ip ?? ''),
      ...each(hostnames, `${at}.hostnames`, (name, nameAt) => subdomain1123(nameAt, name)),
    ]),
    ...named('priorityClassName'),
    ...named('runtimeClassName'),
  ];
}

/** Fields that a pod of the other operating system may not have. */
function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [required(`${path}.os.name`, 'cannot be empty')];
  if (name !== 'linux' && name !== 'windows') return [notSupported(`${path}.os`, name, ['linux', 'windows'])];
  const contexts: [string, object | undefined][] = [
    [`${path}.securityContext`, spec.securityContext],
    ...(['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
      (spec[list] ?? []).map((container, index): [string, object | undefined] => [
        `${path}.${list}[${index}].securityContext`,
        container.securityContext,
      ]),
    ),
  ];
  return contexts.flatMap(([at, context]) =>
    Object.keys(context ?? {})
      .filter((field) => (field === 'windowsOptions') === (name === 'linux') && field !== 'runAsNonRoot')
      .map((field) =>
        forbidden(
          `${at}.${field}`,
          name === 'linux' ? 'windows options cannot be set for a linux pod' : 'cannot be set for a windows pod',
        ),
      ),
  );
}

/** ValidatePodSpec; `metadata` is the pod's, absent for a template's spec. */
export function validatePodSpec(spec: PodSpec, path: string, metadata?: ObjectMeta): FieldError[] {
  const { volumes, errors } = validateVolumes(spec.volumes, metadata, `${path}.volumes`);
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const context: PodContext = { spec, volumes, claims };
  return [
    ...errors,
    ...each(spec.resourceClaims, `${path}.resourceClaims`, ({ name }, at) =>
      name ? label1123(`${at}.name`, name) : [required(`${at}.name`)],
    ),
    ...validateContainers(context, `${path}.containers`),
    ...validateInitContainers(context, `${path}.initContainers`),
    ...validateEphemeralContainers(context, `${path}.ephemeralContainers`),
    ...validateHostNetworkPorts(spec, metadata !== undefined, path),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...validateGates(spec, path),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES)),
    ...(spec.overhead ? validateResources({ limits: spec.overhead as ResourceList }, claims, `${path}.overhead`) : []),
    ...validateOs(spec, path),
  ];
}

/** ValidatePodTemplateSpec */
export const validatePodTemplate = (template: PodTemplateSpec | undefined, path: string): FieldError[] => {
  const spec = template?.spec ?? { containers: [] };
  return [
    ...validateLabels(template?.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
};
