import { parseCidr } from '../../../base/ip.ts';
import { isLabelValue } from '../../../base/names.ts';
import type { Node, Taint } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, same } from '../shared/checks.ts';
import { cidrField, cidrWarnings } from '../shared/ips.ts';
import { validateLabelName } from '../shared/object-meta.ts';
import { roundUpAll, validateQuantityValue } from '../shared/resources.ts';
import { TAINT_EFFECTS } from '../shared/scheduling.ts';
import type { KindRules } from '../shared/strategy.ts';

const goTaint = ({ key, value = '', effect }: Taint) =>
  new GoSyntax(
    `core.Taint{Key:${JSON.stringify(key)}, Value:${JSON.stringify(value)}, Effect:${JSON.stringify(effect)}, TimeAdded:<nil>}`,
  );

/** The real one reports them below metadata. */
function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return each(taints, 'metadata.taints', (taint, at) => {
    const { key = '', value = '', effect } = taint;
    const errors = validateLabelName(key, `${at}.key`);
    const wrong = isLabelValue(value);
    if (wrong.length > 0) errors.push(invalid(`${at}.value`, value, wrong.join(';')));
    if (!effect) errors.push(required(`${at}.effect`));
    else if (!TAINT_EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    const pair = `${effect}/${key}`;
    if (seen.has(pair))
      errors.push({
        type: 'FieldValueDuplicate',
        field: at,
        value: goTaint(taint),
        detail: 'taints must be unique by key and effect pair',
      });
    seen.add(pair);
    return errors;
  });
}

const validateCapacity = ({ status }: Node): FieldError[] =>
  (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries((status?.[list] ?? {}) as Record<string, string>).flatMap(([name, value]) =>
      validateQuantityValue(name, value, `status.${list}.${name}`),
    ),
  );

/** What comes of a search for families among networks of which one is none. */
function unreadable(cidrs: string[]): FieldError[] {
  const index = cidrs.findIndex((cidr) => !parseCidr(cidr));
  if (index < 0) return [];
  const why = `invalid CIDR[${index}]: <nil> (invalid CIDR address: ${cidrs[index]})`;
  const detail = `invalid PodCIDRs. failed to check with dual stack with error:${why}`;
  return [{ type: 'InternalError', field: 'spec.podCIDRs', detail }];
}

/** Networks of a node's pods: one of each family. */
function validatePodCidrs(cidrs: string[] = []): FieldError[] {
  const at = 'spec.podCIDRs';
  const errors = each(cidrs, at, (cidr, path) => cidrField(path, cidr));
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.address.family));
  return cidrs.length > 1 && (families.size < 2 || cidrs.length > 2)
    ? [
        ...errors,
        ...unreadable(cidrs),
        invalid(at, goStrings(cidrs), 'may specify no more than one CIDR for each IP family'),
      ]
    : errors;
}

/** ValidateNodeUpdate, which the status answers to as well. */
function validateUpdate(node: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = (node.status?.addresses ?? []).map(({ type, address }) => new GoSyntax(goAddress(type, address)));
  for (const [index, address] of addresses.entries())
    if (addresses.findIndex(({ text }) => text === address.text) < index)
      errors.push(duplicate(`status.addresses[${index}]`, address));
  const [spec, before] = [node.spec ?? {}, old.spec ?? {}];
  const fixed = (field: string, name: string) =>
    forbidden(`spec.${field}`, `node updates may not change ${name} except from "" to valid`);
  if (before.podCIDRs?.length && !same(spec.podCIDRs, before.podCIDRs)) errors.push(fixed('podCIDRs', 'podCIDR'));
  if (before.providerID && spec.providerID !== before.providerID) errors.push(fixed('providerID', 'providerID'));
  errors.push(...validateTaints(spec.taints));
  if ((spec.externalID ?? '') !== (before.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  return errors;
}

const goAddress = (type: string, address: string) =>
  `core.NodeAddress{Type:${JSON.stringify(type)}, Address:${JSON.stringify(address)}}`;

/** Dynamic configuration of kubelets is gone: what says one is not kept. */
function dropConfigSource({ spec }: Node): void {
  if (spec) delete spec.configSource;
}

export const strategy: KindRules<Node> = {
  resource: 'nodes',
  clusterScoped: true,
  setDefaults: (node) => {
    node.spec ??= {};
    node.status ??= {};
    const { podCIDR, podCIDRs } = node.spec;
    if (podCIDR && podCIDR !== podCIDRs?.[0]) node.spec.podCIDRs = [podCIDR];
    roundUpAll(node.status.capacity, node.status.allocatable);
    if (node.status.capacity) node.status.allocatable ??= { ...node.status.capacity };
  },
  prepareForCreate: dropConfigSource,
  prepareForUpdate: (node, old) => {
    node.status = old.status;
    dropConfigSource(node);
  },
  validate: (node) => [
    ...validateTaints(node.spec?.taints),
    ...validateCapacity(node),
    ...validatePodCidrs(node.spec?.podCIDRs),
  ],
  validateUpdate: (node, old) => [...validateCapacity(node), ...validateUpdate(node, old)],
  validateStatusUpdate: (node, old) => [...validateCapacity(node), ...validateUpdate(node, old)],
  warnings: ({ spec }) => [
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(`spec.podCIDRs[${index}]`, cidr)),
  ],
};
