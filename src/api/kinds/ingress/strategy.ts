import { parseIp } from '../../../base/ip.ts';
import {
  isDns1035Label,
  isDns1123Subdomain,
  isPortName,
  isPortNumber,
  isWildcardDns1123Subdomain,
} from '../../../base/names.ts';
import type { Ingress } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, invalidEach, same, subdomain1123 } from '../shared/checks.ts';
import { ipField } from '../shared/ips.ts';
import { loadBalancerWarnings, validateLoadBalancerHost } from '../shared/load-balancer-status.ts';
import { validateLocalReference } from '../shared/local-reference.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type Spec = NonNullable<Ingress['spec']>;
type Backend = NonNullable<Spec['defaultBackend']>;
type Rule = NonNullable<Spec['rules']>[number];
type Path = NonNullable<Rule['http']>['paths'][number];

const CLASS = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDS = ['/..', '/.'];

function validateBackend({ resource, service }: Backend, path: string): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateLocalReference(resource, `${path}.resource`);
  if (!service) return [invalid(path, '', 'resource or service backend is required')];
  const errors = service.name
    ? invalidEach(`${path}.service.name`, service.name, isDns1035Label(service.name))
    : [required(`${path}.service.name`)];
  const { name, number } = service.port ?? {};
  const at = `${path}.service.port`;
  if (name && number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...invalidEach(`${at}.name`, name, isPortName(name)));
  else if (number) errors.push(...invalidEach(`${at}.number`, number, isPortNumber(number)));
  else errors.push(required(path, 'port name or number is required'));
  return errors;
}

function validatePath({ path: value = '', pathType, backend }: Path, path: string): FieldError[] {
  if (pathType === undefined) return [required(`${path}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const refuse = (detail: string) => errors.push(invalid(`${path}.path`, value, detail));
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${path}.pathType`, pathType, PATH_TYPES));
  else {
    const exact = pathType !== 'ImplementationSpecific';
    if (!value.startsWith('/') && (exact || value)) refuse('must be an absolute path');
    if (exact) {
      for (const sequence of BAD_SEQUENCES) if (value.includes(sequence)) refuse(`must not contain '${sequence}'`);
      for (const end of BAD_ENDS) if (value.endsWith(end)) refuse(`cannot end with '${end}'`);
    }
  }
  return [...errors, ...validateBackend(backend ?? {}, `${path}.backend`)];
}

const validateHost = (host: string, path: string): FieldError[] =>
  invalidEach(path, host, host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host));

function validateRule({ host, http }: Rule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (parseIp(host)) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
    errors.push(...validateHost(host, `${path}.host`));
  }
  if (!http) return errors;
  if (!http.paths?.length) errors.push(required(`${path}.http.paths`));
  return [...errors, ...each(http.paths, `${path}.http.paths`, validatePath)];
}

function validate({ spec = {} }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.rules?.length && !spec.defaultBackend)
    errors.push(
      invalid(
        'spec',
        new GoSyntax(`[]networking.IngressRule${spec.rules ? '{}' : '(nil)'}`),
        'either `defaultBackend` or `rules` must be specified',
      ),
    );
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  return [
    ...errors,
    ...each(spec.rules, 'spec.rules', validateRule),
    ...each(spec.tls, 'spec.tls', ({ hosts, secretName }, at) => [
      ...each(hosts, `${at}.hosts`, validateHost),
      ...(secretName ? subdomain1123(`${at}.secretName`, secretName) : []),
    ]),
    ...(spec.ingressClassName === undefined ? [] : subdomain1123('spec.ingressClassName', spec.ingressClassName)),
  ];
}

export const strategy: KindRules<Ingress> = {
  resource: 'ingresses.networking.k8s.io',
  updateChecks: ['metadata', 'object', 'changes'],
  ...withStatus(() => ({ loadBalancer: {} })),
  validate,
  validateCreate: ({ metadata, spec }) => {
    const annotation = metadata.annotations?.[CLASS];
    const name = spec?.ingressClassName;
    if (annotation === undefined || name === undefined || same(annotation, name)) return [];
    return [invalid(`annotations.${CLASS}`, annotation, 'must match `ingressClassName` when both are specified')];
  },
  validateStatusUpdate: ({ status }) =>
    each(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }, at) => [
      ...(ip ? ipField(`${at}.ip`, ip) : []),
      ...(hostname ? validateLoadBalancerHost(hostname, `${at}.hostname`) : []),
    ]),
  warningsForSubresource: { status: loadBalancerWarnings },
  warnings: ({ metadata, spec }, old) =>
    old || metadata.annotations?.[CLASS] === undefined || spec?.ingressClassName !== undefined
      ? []
      : [`annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`],
};
