import { inclusiveRangeError, isRelaxedDnsSearch } from '../../../base/names.ts';
import type { ObjectMeta, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, label1123, oneOf, qualifiedName, subdomain1123 } from './checks.ts';
import {
  type PodContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts';
import { ipField } from './ips.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { type ResourceList, validateResources } from './resources.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validateHostUsers, validatePodSecurityContext } from './security.ts';
import { validateVolumes } from './volumes.ts';
import { validateHostProcess, validateOs } from './windows.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
export const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const MAX_INT32 = 2 ** 31 - 1;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2048;

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
  errors.push(...each(nameservers, `${path}.nameservers`, (ip, at) => ipField(at, ip)));
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
    ...each(searches, `${path}.searches`, (search, at) => {
      const domain = search.replace(/\.$/, '');
      return search === '.' ? [] : invalidEach(at, domain, isRelaxedDnsSearch(domain));
    }),
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
  const named = (field: 'serviceAccountName' | 'nodeName' | 'priorityClassName') =>
    spec[field] ? subdomain1123(`${path}.${field}`, spec[field]) : [];
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
      ...ipField(`${at}.ip`, ip ?? ''),
      ...each(hostnames, `${at}.hostnames`, (name, nameAt) => subdomain1123(nameAt, name)),
    ]),
    ...named('priorityClassName'),
    ...(spec.runtimeClassName === undefined ? [] : subdomain1123(`${path}.runtimeClassName`, spec.runtimeClassName)),
  ];
}

/** ValidatePodSpec; `metadata` is the pod's, absent for a template's spec. */
export function validatePodSpec(spec: PodSpec, path: string, metadata?: ObjectMeta): FieldError[] {
  const { volumes, errors } = validateVolumes(spec.volumes, metadata, `${path}.volumes`);
  const context: PodContext = { spec, volumes };
  return [
    ...errors,
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
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES)),
    ...(spec.overhead ? validateResources({ limits: spec.overhead as ResourceList }, `${path}.overhead`) : []),
    ...validateOs(spec, path),
  ];
}

/** ValidatePodTemplateSpec */
export const validatePodTemplate = (template: PodTemplateSpec | undefined, path: string): FieldError[] => {
  const { metadata = {}, spec = { containers: [] } } = template ?? {};
  return [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validatePodAnnotations(metadata.annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`),
    ...validateProfilesMatch(metadata, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
};
