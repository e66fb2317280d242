import { isDns1123Subdomain } from '../../../base/names.ts';
import type { Container, PodSpec } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { invalidEach } from './checks.ts';
import { visitContainers } from './visit-containers.ts';

type WindowsOptions = NonNullable<NonNullable<Container['securityContext']>['windowsOptions']>;

const SYSTEMS = ['linux', 'windows'];
const MAX_CREDENTIAL_KIB = 64;
const MAX_DOMAIN = 256;
const MAX_USER = 104;
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_DOMAIN = `^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`;

const isControl = (character: string): boolean => character < ' ' || character === '\x7f';

/** What is wrong with `DOMAIN\user`. */
function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if ([...name].some(isControl)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const rules: [wrong: boolean, problem: string][] = [
    [(domain ?? '').length >= MAX_DOMAIN, `runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`],
    [
      domain !== undefined && !NET_BIOS.test(domain) && !new RegExp(DNS_DOMAIN).test(domain),
      "runAsUserName's Domain doesn't match the NetBios nor the DNS format",
    ],
    [user === '', "runAsUserName's User cannot be empty"],
    [user.length > MAX_USER, `runAsUserName's User length must not be longer than ${MAX_USER} characters`],
    [/^[. ]+$/.test(user), "runAsUserName's User cannot contain only periods or spaces"],
    [
      /["/\\:;|=,+*?<>@[\]]/.test(user),
      'runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]',
    ],
  ];
  return rules.filter(([wrong]) => wrong).map(([, problem]) => problem);
}

function credentialProblems(spec: string): string[] {
  if (spec === '') return ['gmsaCredentialSpec cannot be an empty string'];
  return Buffer.byteLength(spec) > MAX_CREDENTIAL_KIB * 1024
    ? [`gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`]
    : [];
}

const OPTIONS: [field: keyof WindowsOptions, problems: (value: string) => string[]][] = [
  ['gmsaCredentialSpecName', isDns1123Subdomain],
  ['gmsaCredentialSpec', credentialProblems],
  ['runAsUserName', userNameProblems],
];

/** validateWindowsSecurityContextOptions */
export const validateWindowsOptions = (options: WindowsOptions | undefined, path: string): FieldError[] =>
  OPTIONS.flatMap(([field, problems]) => {
    const value = options?.[field] as string | undefined;
    return value === undefined ? [] : invalidEach(`${path}.${field}`, value, problems(value));
  });

/** validateWindowsHostProcessPod: all containers of a pod are host processes, or none is. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  const containers = visitContainers(spec, path);
  const hostProcesses = containers.filter(([{ securityContext }, at]) => {
    const own = securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.push(
        invalid(
          `${at}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
        ),
      );
    return own ?? ofPod;
  });
  if (hostProcesses.length === 0) return errors;
  if (hostProcesses.length !== containers.length)
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (!spec.hostNetwork)
    errors.push(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  return errors;
}

const POD_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
/** Those that v1 keeps in the pod's spec. */
const SPEC_FIELDS: readonly string[] = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'];
/** Those for which false is as good as nothing. */
const FLAGS: readonly string[] = ['hostPID', 'hostIPC'];
const CONTAINER_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

function validateWindows(spec: PodSpec, path: string): FieldError[] {
  const refuse = (field: string) => forbidden(field, 'cannot be set for a windows pod');
  const ofPod = POD_CONTEXT.flatMap((field) => {
    const inSpec = SPEC_FIELDS.includes(field);
    const holder = (inSpec ? spec : spec.securityContext) as Record<string, unknown> | undefined;
    const value = holder?.[field];
    const isSet = FLAGS.includes(field) ? Boolean(value) : value !== undefined;
    return isSet ? [refuse(`${path}.${inSpec ? '' : 'securityContext.'}${field}`)] : [];
  });
  const ofContainers = visitContainers(spec, path).flatMap(([{ securityContext }, at]) =>
    CONTAINER_CONTEXT.filter((field) => securityContext?.[field] !== undefined).map((field) =>
      refuse(`${at}.securityContext.${field}`),
    ),
  );
  return [...ofPod, ...ofContainers];
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts: [{ securityContext?: { windowsOptions?: object } }, string][] = [
    [spec, path],
    ...visitContainers(spec, path),
  ];
  return contexts
    .filter(([{ securityContext }]) => securityContext?.windowsOptions)
    .map(([, at]) =>
      forbidden(`${at}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod'),
    );
}

/** validateOS, and what a pod of one system may not have of the other. */
export function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [required(`${path}.os.name`, 'cannot be empty')];
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)];
  return name === 'windows' ? validateWindows(spec, path) : validateLinux(spec, path);
}
