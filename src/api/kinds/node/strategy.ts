import { isLabelValue } from '../../../base/names.ts';
import type { Node, Taint } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, same } from '../shared/checks.ts';
import { validateLabelName } from '../shared/object-meta.ts';
import { validateQuantityValue } from '../shared/resources.ts';
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
      validateQuantityValue(name, value, `status.${list}[${name}]`),
    ),
  );

export const strategy: KindRules<Node> = {
  resource: 'nodes',
  clusterScoped: true,
  setDefaults: (node) => {
    node.spec ??= {};
    node.status ??= {};
    if (node.status.capacity) node.status.allocatable ??= { ...node.status.capacity };
  },
  prepareForUpdate: (node, old) => {
    node.status = old.status;
  },
  validate: (node) => [...validateTaints(node.spec?.taints), ...validateCapacity(node)],
  validateUpdate: (node, old) => {
    const errors: FieldError[] = [];
    if (old.spec?.podCIDRs?.length && !same(node.spec?.podCIDRs, old.spec.podCIDRs))
      errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
    if (old.spec?.providerID && node.spec?.providerID !== old.spec.providerID)
      errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
    return errors;
  },
};
