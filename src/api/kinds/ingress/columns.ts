import type { Ingress } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

const SHOWN = 3;

function hosts({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const names = rules.map(({ host }) => host ?? '').filter(Boolean);
  if (names.length === 0) return '*';
  const text = names.slice(0, SHOWN).join(',');
  return names.length >= SHOWN && rules.length > SHOWN ? `${text} + ${rules.length - SHOWN} more...` : text;
}

function address({ status }: Ingress): string {
  const names = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(names.filter(Boolean))].sort().join(',');
}

export const view: KindView<Ingress> = {
  cells: {
    Class: ({ spec }) => spec?.ingressClassName ?? NONE,
    Hosts: hosts,
    Address: address,
    Ports: ({ spec }) => (spec?.tls?.length ? '80, 443' : '80'),
  },
};
