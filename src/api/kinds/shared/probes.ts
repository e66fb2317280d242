import { isHttpHeaderName } from '../../../base/names.ts';
import type { Container, Probe } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { invalidEach, nonNegative, requiredText } from './checks.ts';
import { validatePort } from './numbers.ts';

type Lifecycle = NonNullable<Container['lifecycle']>;
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> &
  Pick<NonNullable<Lifecycle['preStop']>, 'sleep'>;

const SCHEMES = ['HTTP', 'HTTPS'];

function validateHttpGet(action: NonNullable<Handler['httpGet']>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.path`, action.path),
    ...validatePort(action.port as number | string, `${path}.port`),
    ...(SCHEMES.includes(action.scheme ?? '') ? [] : [notSupported(`${path}.scheme`, action.scheme ?? '', SCHEMES)]),
    ...(action.httpHeaders ?? []).flatMap(({ name }) =>
      invalidEach(`${path}.httpHeaders`, name, isHttpHeaderName(name)),
    ),
  ];
}

function validateSleep(seconds: number, gracePeriod: number, path: string): FieldError[] {
  return seconds < 0 || seconds > gracePeriod
    ? [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)]
    : [];
}

function validateHandler(handler: Handler, gracePeriod: number, path: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const actions: [string, (() => FieldError[]) | undefined | false][] = [
    ['exec', exec && (() => (exec.command?.length ? [] : [required(`${path}.exec.command`)]))],
    ['httpGet', httpGet && (() => validateHttpGet(httpGet, `${path}.httpGet`))],
    ['tcpSocket', tcpSocket && (() => validatePort(tcpSocket.port as number | string, `${path}.tcpSocket.port`))],
    ['grpc', grpc && (() => validatePort(grpc.port, `${path}.grpc.port`))],
    ['sleep', sleep && (() => validateSleep(sleep.seconds, gracePeriod, `${path}.sleep`))],
  ];
  const given = actions.filter(([, check]) => check);
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return given.flatMap(([name, check], index) =>
    index === 0
      ? (check as () => FieldError[])()
      : [forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')],
  );
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(probe: Probe, gracePeriod: number, path: string): FieldError[] {
  const errors = validateHandler(probe, gracePeriod, path);
  for (const field of COUNTS) errors.push(...nonNegative(`${path}.${field}`, probe[field]));
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0)
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'));
  return errors;
}

const onceEnough = (probe: Probe, path: string): FieldError[] =>
  (probe.successThreshold ?? 0) === 1
    ? []
    : [invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1')];

const noGracePeriod = (probe: Probe, path: string): FieldError[] =>
  probe.terminationGracePeriodSeconds === undefined
    ? []
    : [
        invalid(
          `${path}.terminationGracePeriodSeconds`,
          probe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      ];

/** The probes of a container, each kind with its own extra rule. */
const PROBES = [
  ['livenessProbe', onceEnough],
  ['readinessProbe', noGracePeriod],
  ['startupProbe', onceEnough],
] as const;

/** Lifecycle handlers and probes of a container that may have them. */
export function validateProbes(container: Container, gracePeriod: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) errors.push(...validateHandler(handler, gracePeriod, `${path}.lifecycle.${hook}`));
  }
  for (const [name, extra] of PROBES) {
    const probe = container[name];
    if (probe) errors.push(...validateProbe(probe, gracePeriod, `${path}.${name}`), ...extra(probe, `${path}.${name}`));
  }
  return errors;
}
