import { isPortName, isPortNumber } from '../../../base/names.ts';
import type { Container, PodSpec } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { each, invalidEach, label1123, oneOf, requiredText } from './checks.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateProbes } from './probes.ts';
import { goResourceName, validateResources } from './resources.ts';
import { validateSecurityContext } from './security.ts';
import type { Volume } from './volume-defaults.ts';
import { validateVolumeDevices, validateVolumeMounts } from './volumes.ts';

type Port = NonNullable<Container['ports']>[number];
type EphemeralContainer = NonNullable<PodSpec['ephemeralContainers']>[number];

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];

/** What the containers of one pod are checked against. */
export interface PodContext {
  spec: PodSpec;
  volumes: Map<string, Volume>;
}

export { PROTOCOLS };

function validatePorts(ports: Port[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return each(ports, path, ({ name, containerPort, hostPort, protocol }, at) => {
    const errors: FieldError[] = [];
    if (name) {
      const wrong = isPortName(name);
      if (wrong.length > 0) errors.push(...invalidEach(`${at}.name`, name, wrong));
      else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      else names.add(name);
    }
    if (!containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...invalidEach(`${at}.containerPort`, containerPort, isPortNumber(containerPort)));
    if (hostPort) errors.push(...invalidEach(`${at}.hostPort`, hostPort, isPortNumber(hostPort)));
    return [...errors, ...oneOf(`${at}.protocol`, protocol, PROTOCOLS)];
  });
}

function validateHostPorts(containers: Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  return each(containers, path, ({ ports }, at) =>
    each(ports, `${at}.ports`, ({ hostPort, protocol, hostIP }, portPath) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (taken.has(key)) return [duplicate(`${portPath}.hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}

function validateResizePolicy(container: Container, spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(container.resizePolicy, path, ({ resourceName, restartPolicy }, at) => {
    const errors: FieldError[] = seen.has(resourceName) ? [duplicate(at, goResourceName(resourceName))] : [];
    seen.add(resourceName);
    errors.push(
      ...(['cpu', 'memory'].includes(resourceName)
        ? []
        : [resourceName ? notSupported(path, goResourceName(resourceName), ['cpu', 'memory']) : required(path)]),
      ...oneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']),
    );
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return errors;
  });
}

function validateCommon(container: Container, { spec, volumes }: PodContext, path: string): FieldError[] {
  return [
    ...(container.name ? label1123(`${path}.name`, container.name) : [required(`${path}.name`)]),
    ...requiredText(`${path}.image`, container.image),
    ...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateVolumeMounts(container, volumes, `${path}.volumeMounts`),
    ...validateVolumeDevices(container, volumes, `${path}.volumeDevices`),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES),
    ...validateResources(container.resources, `${path}.resources`),
    ...validateResizePolicy(container, spec, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`),
  ];
}

/** validateContainers */
export function validateContainers(context: PodContext, path: string): FieldError[] {
  const { terminationGracePeriodSeconds = 0 } = context.spec;
  const containers = context.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  return [
    ...each(containers, path, (container, at) => {
      const errors = validateCommon(container, context, at);
      if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
      names.add(container.name);
      errors.push(...validateProbes(container, terminationGracePeriodSeconds, at));
      if (container.restartPolicy !== undefined)
        errors.push(forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers'));
      return errors;
    }),
    ...validateHostPorts(containers, path),
  ];
}

const ONLY_SIDECARS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** validateInitContainers */
export function validateInitContainers(context: PodContext, path: string): FieldError[] {
  const { spec } = context;
  const names = new Set((spec.containers ?? []).map(({ name }) => name));
  return each(spec.initContainers, path, (container, at) => {
    const errors = validateCommon(container, context, at);
    const { restartPolicy } = container;
    if (restartPolicy !== undefined && restartPolicy !== 'Always')
      errors.push(notSupported(`${at}.restartPolicy`, restartPolicy, ['Always']));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    errors.push(...validateHostPorts([container], path));
    if (restartPolicy === 'Always')
      errors.push(...validateProbes(container, spec.terminationGracePeriodSeconds ?? 0, at));
    else
      for (const field of ONLY_SIDECARS)
        if (container[field] !== undefined)
          errors.push(forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
    return errors;
  });
}

const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
/** A struct is always there; everything else is set when it is given, if empty. */
const isSet = (field: string, value: unknown) =>
  value !== undefined && (field !== 'resources' || Object.keys(value as object).length > 0);

/** validateEphemeralContainers */
export function validateEphemeralContainers(context: PodContext, path: string): FieldError[] {
  const { containers, initContainers = [], ephemeralContainers } = context.spec;
  const others = new Set([...(containers ?? []), ...initContainers].map(({ name }) => name));
  const names = new Set(others);
  return each(ephemeralContainers, path, (container: EphemeralContainer, at) => {
    const errors = validateCommon(container as Container, context, at);
    errors.push(...validateImageSpace(container as Container, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFound(`${at}.targetContainerName`, target));
    const forbid = (field: string) =>
      errors.push(forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'));
    for (const field of NOT_EPHEMERAL) if (isSet(field, container[field])) forbid(field);
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) forbid(`volumeMounts[${index}].subPath`);
      if (mount.subPathExpr) forbid(`volumeMounts[${index}].subPathExpr`);
    }
    return errors;
  });
}

/** What only pods, not templates, are refused for. */
export const validateImageSpace = ({ image = '' }: Container, path: string): FieldError[] =>
  image === image.trim() ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
