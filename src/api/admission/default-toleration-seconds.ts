import type { Pod, Toleration } from '../../types/objects.ts';
import { type AdmissionPlugin, creates, updates } from './plugin.ts';

const SECONDS = 300;

const tolerates = (tolerations: Toleration[], key: string): boolean =>
  tolerations.some((one) => (one.key === key || !one.key) && (one.effect === 'NoExecute' || !one.effect));

/** Pods stay five minutes on a node that is not ready or unreachable, unless they say otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: ['pods'],
  admit(request, draft) {
    if (!draft || !(creates(request, 'pods') || updates(request, 'pods'))) return;
    const { spec } = draft as Pod;
    const given = spec!.tolerations ?? [];
    const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
      (key) => !tolerates(given, key),
    );
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    spec!.tolerations = [...given, ...added];
  },
};
