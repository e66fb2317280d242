import type { V1CSIDriver } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { immutable, oneOfIfSet, same } from '../shared/checks.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';
import { validateDriverName } from '../shared/volumes.ts';

export const strategy: KindRules<Resource<V1CSIDriver>> = {
  resource: 'csidrivers.storage.k8s.io',
  clusterScoped: true,
  setDefaults: (driver) => {
    driver.spec ??= {};
    const { spec } = driver;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  },
  prepareForUpdate: (driver, old) => {
    if (!same(driver.spec, old.spec)) countGeneration(driver, old, ['spec']);
  },
  validate: ({ metadata, spec }) => [
    ...validateDriverName(metadata.name, 'metadata.name').filter(({ type }) => type !== 'FieldValueInvalid'),
    ...oneOfIfSet('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      oneOfIfSet('spec.volumeLifecycleModes', mode, ['Ephemeral', 'Persistent']),
    ),
  ],
  validateUpdate: ({ spec }, { spec: old }) => [
    ...immutable('spec.attachedRequired', spec.attachRequired, old.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, old.volumeLifecycleModes),
  ],
};
