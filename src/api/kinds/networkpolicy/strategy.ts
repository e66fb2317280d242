import { cidrContains, parseCidr } from '../../../base/ip.ts';
import { isPortName, isPortNumber } from '../../../base/names.ts';
import type { NetworkPolicy } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, oneOfIfSet } from '../shared/checks.ts';
import { cidrField, cidrWarnings } from '../shared/ips.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { generationOf, type KindRules } from '../shared/strategy.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;
type Ingress = NonNullable<Spec['ingress']>[number];
type Port = NonNullable<Ingress['ports']>[number];
type Peer = NonNullable<Ingress['from']>[number];

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const TYPES = ['Ingress', 'Egress'];

const goTypes = (types: string[]) => new GoSyntax(goStrings(types).text.replace('[]string', '[]networking.PolicyType'));

function setDefaults({ spec }: NetworkPolicy): void {
  if (!spec) return;
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

function validatePort({ protocol, port, endPort }: Port, path: string): FieldError[] {
  const errors = oneOfIfSet(`${path}.protocol`, protocol, PROTOCOLS);
  const value = port as unknown as number | string | undefined;
  const end = `${path}.endPort`;
  if (value === undefined)
    return endPort === undefined
      ? errors
      : [...errors, invalid(end, endPort, 'may not be specified when `port` is not specified')];
  if (typeof value === 'string') {
    if (endPort !== undefined) errors.push(invalid(end, endPort, 'may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidEach(`${path}.port`, value, isPortName(value))];
  }
  errors.push(...invalidEach(`${path}.port`, value, isPortNumber(value)));
  if (endPort === undefined) return errors;
  if (endPort < value) errors.push(invalid(end, value, 'must be greater than or equal to `port`'));
  return [...errors, ...invalidEach(end, endPort, isPortNumber(endPort))];
}

function validateBlock({ cidr, except }: NonNullable<Peer['ipBlock']>, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const range = parseCidr(cidr);
  if (!range) return cidrField(`${path}.cidr`, cidr);
  return each(except, `${path}.except`, (text, at) => {
    const part = parseCidr(text);
    if (!part) return cidrField(at, text);
    const inside = cidrContains(range, part.address) && range.prefix < part.prefix;
    return inside ? [] : [invalid(at, text, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: Peer, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector))
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validate({ spec = {} as Spec }: NetworkPolicy): FieldError[] {
  const types = spec.policyTypes ?? [];
  const errors = [
    ...validateLabelSelector(spec.podSelector, 'spec.podSelector'),
    ...each(spec.ingress, 'spec.ingress', ({ ports, from }, at) => [
      ...each(ports, `${at}.ports`, validatePort),
      ...each(from, `${at}.from`, validatePeer),
    ]),
    ...each(spec.egress, 'spec.egress', ({ ports, to }, at) => [
      ...each(ports, `${at}.ports`, validatePort),
      ...each(to, `${at}.to`, validatePeer),
    ]),
  ];
  if (types.length > TYPES.length)
    return [...errors, invalid('spec.policyTypes', goTypes(types), 'may not specify more than two policyTypes')];
  return [
    ...errors,
    ...each(types, 'spec.policyTypes', (type, at) => (TYPES.includes(type) ? [] : [notSupported(at, type, TYPES)])),
  ];
}

/** Networks that are written as they should not be. */
const warnings = ({ spec }: NetworkPolicy): string[] => {
  const rules = [
    ...(spec?.ingress ?? []).map(({ from }, index) => [`spec.ingress[${index}].from`, from] as const),
    ...(spec?.egress ?? []).map(({ to }, index) => [`spec.egress[${index}].to`, to] as const),
  ];
  return rules.flatMap(([path, peers = []]) =>
    peers.flatMap(({ ipBlock }, index) => {
      const at = `${path}[${index}].ipBlock`;
      const except = ipBlock?.except ?? [];
      return [
        ...cidrWarnings(`${at}.cidr`, ipBlock?.cidr ?? ''),
        ...except.flatMap((cidr, place) => cidrWarnings(`${at}.except[${place}]`, cidr)),
      ];
    }),
  );
};

export const strategy: KindRules<NetworkPolicy> = {
  resource: 'networkpolicies.networking.k8s.io',
  updateChecks: ['object', 'metadata', 'spec', 'changes'],
  setDefaults,
  ...generationOf('spec'),
  validate,
  warnings,
};
