import type { V1IPAddress } from '@kubernetes/client-node';
import { goQuote } from '../../../base/go-quote.ts';
import { isPathSegmentName } from '../../../base/names.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { immutable, invalidEach, subdomain1123 } from '../shared/checks.ts';
import { strictIpField } from '../shared/ips.ts';
import type { KindRules } from '../shared/strategy.ts';

type IPAddress = Resource<V1IPAddress>;
type Parent = NonNullable<V1IPAddress['spec']>['parentRef'];

function validate({ spec }: IPAddress): FieldError[] {
  const at = 'spec.parentRef';
  const parent = spec?.parentRef as Parent | undefined;
  if (!parent) return [required(at)];
  const segment = (field: 'resource' | 'name' | 'namespace') =>
    invalidEach(`${at}.${field}`, parent[field], isPathSegmentName(parent[field] ?? ''));
  return [
    ...(parent.group ? subdomain1123(`${at}.group`, parent.group) : []),
    ...(parent.resource ? segment('resource') : [required(`${at}.resource`)]),
    ...(parent.name ? segment('name') : [required(`${at}.name`)]),
    ...(parent.namespace ? segment('namespace') : []),
  ];
}

const goParent = (parent: Parent | undefined): GoSyntax | undefined => {
  if (!parent) return undefined;
  const { group = '', resource = '', namespace = '', name = '' } = parent as Partial<Parent>;
  return new GoSyntax(
    `networking.ParentReference{Group:${goQuote(group)}, Resource:${goQuote(resource)}, Namespace:${goQuote(namespace)}, Name:${goQuote(name)}}`,
  );
};

export const strategy: KindRules<IPAddress> = {
  resource: 'ipaddresses.networking.k8s.io',
  clusterScoped: true,
  generatesNothing: true,
  nameRule: (name) => strictIpField('', name).map(({ detail }) => detail),
  validate,
  validateUpdate: ({ spec }, { spec: old }) =>
    immutable('spec.parentRef', spec?.parentRef, old?.parentRef, goParent(spec?.parentRef)),
};
