import type { Pod } from '../../../types/objects.ts';
import { same } from '../shared/checks.ts';
import { APPARMOR_CONTAINER, appArmorAnnotationOf, appArmorField } from '../shared/pod-annotations.ts';
import { validateAppArmor } from '../shared/security.ts';
import { visitContainers } from '../shared/visit-containers.ts';

/**
 * applyAppArmorVersionSkew: a new pod says in annotations what its fields say, and in fields what its annotations say.
 * Returns the warnings that annotations deserve.
 */
export function mirrorAppArmor(pod: Pod): string[] {
  const spec = pod.spec!;
  if (spec.os?.name === 'windows') return [];
  const ofPod = spec.securityContext?.appArmorProfile;
  return visitContainers(spec, '').flatMap(([container]) => {
    const key = APPARMOR_CONTAINER + container.name;
    const annotation = pod.metadata.annotations?.[key];
    const own = container.securityContext?.appArmorProfile;
    if (annotation === undefined) {
      const profile = own ?? ofPod;
      const mirrored = profile && appArmorAnnotationOf(profile);
      if (mirrored !== undefined) pod.metadata.annotations = { ...pod.metadata.annotations, [key]: mirrored };
      return [];
    }
    if (own) return [];
    const field = appArmorField(annotation);
    const valid = field && validateAppArmor(field, '').length === 0;
    if (valid && same(field, ofPod)) return [];
    if (valid) container.securityContext = { ...container.securityContext, appArmorProfile: field };
    return [`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`];
  });
}
