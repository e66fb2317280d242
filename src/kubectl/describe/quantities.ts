import { Quantity } from '../../base/quantity.ts';
import type { Container, Pod } from '../../types/objects.ts';

export type ResourceList = Record<string, string>;

/** Sums, in place, of the resources in `more`. */
function add(total: ResourceList, more: ResourceList = {}): ResourceList {
  for (const [name, q] of Object.entries(more))
    total[name] = total[name] === undefined ? q : Quantity.parse(total[name]).add(Quantity.parse(q)).toString();
  return total;
}

function raise(total: ResourceList, other: ResourceList): void {
  for (const [name, q] of Object.entries(other))
    if (total[name] === undefined || Quantity.parse(q).compare(Quantity.parse(total[name])) > 0) total[name] = q;
}

const isSidecar = (c: Container): boolean => c.restartPolicy === 'Always';

/** What a pod asks for or is limited to: its containers together, or its largest init container, and its overhead. */
export function podResources(pod: Pod, side: 'requests' | 'limits'): ResourceList {
  const total: ResourceList = {};
  for (const c of pod.spec?.containers ?? []) add(total, c.resources?.[side]);
  const sidecars: ResourceList = {};
  const init: ResourceList = {};
  for (const c of pod.spec?.initContainers ?? []) {
    const own = c.resources?.[side];
    if (isSidecar(c)) {
      add(total, own);
      raise(init, add(sidecars, own));
    } else raise(init, add(add({}, own), sidecars));
  }
  raise(total, init);
  for (const [name, q] of Object.entries(pod.spec?.overhead ?? {}))
    if (side === 'requests' || (total[name] !== undefined && total[name] !== '0')) add(total, { [name]: q });
  return total;
}

/** The sum over several pods. */
export const totalResources = (pods: Pod[], side: 'requests' | 'limits'): ResourceList =>
  pods.reduce((total, pod) => add(total, podResources(pod, side)), {} as ResourceList);

/** The whole percentage that `part` is of `whole`; 0 when there is no whole. */
export function percentOf(part: string | undefined, whole: string | undefined): number {
  const value = (q: string | undefined) => (q === undefined ? 0 : Quantity.parse(q).toNumber());
  return value(whole) === 0 ? 0 : Math.trunc((value(part) / value(whole)) * 100);
}

/** A size limit that is set and above zero, as Go prints it. */
export function formatSize(limit: string | undefined): string | undefined {
  return limit !== undefined && Quantity.parse(limit).toNumber() > 0 ? limit : undefined;
}

/** The value of `limits.cpu` and the like in units of the divisor, rounded up; '' for what kubectl cannot resolve. */
export function containerResourceValue(container: Container, resource: string, divisor: string | undefined): string {
  const [side, name = ''] = resource.split(/\.(.*)/s) as ['requests' | 'limits', string];
  if (!/^(requests|limits)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource)) return '';
  const value = Quantity.parse(container.resources?.[side]?.[name] ?? '0').toNumber();
  const unit = Quantity.parse(divisor && divisor !== '0' ? divisor : '1').toNumber();
  return String(Math.ceil(value / unit));
}
