import type { Node } from '../../types/objects.ts';
import { type AdmissionPlugin, creates } from './plugin.ts';

const TAINT = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A new node takes no pods until the node lifecycle controller has seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: ['nodes'],
  admit(request, draft) {
    if (!draft || !creates(request, 'nodes')) return;
    const node = draft as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === TAINT.key && effect === TAINT.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, TAINT] };
  },
};
