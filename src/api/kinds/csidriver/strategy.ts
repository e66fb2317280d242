import type { V1CSIDriver } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, notSupported } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, immutable, oneOfIfSet, same } from '../shared/checks.ts';
import { countGeneration, type KindRules } from '../shared/strategy.ts';

type Spec = V1CSIDriver['spec'];

const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** At most one token for each audience. */
function validateTokens(requests: Spec['tokenRequests'] = []): FieldError[] {
  const audiences = requests.map(({ audience }) => audience ?? '');
  return each(requests, 'spec.tokenRequests', ({ expirationSeconds: seconds }, at, index) => {
    const audience = audiences[index]!;
    if (audiences.indexOf(audience) < index) return [duplicate(`${at}.audience`, audience)];
    const path = `${at}.expirationSeconds`;
    if (seconds === undefined) return [];
    return [
      ...(seconds < MIN_TOKEN_SECONDS
        ? [invalid(path, seconds, 'may not specify a duration less than 10 minutes')]
        : []),
      ...(seconds > MAX_TOKEN_SECONDS
        ? [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')]
        : []),
    ];
  });
}

const goModes = (modes: string[] | undefined) =>
  new GoSyntax(goStrings(modes).text.replace('[]string', '[]storage.VolumeLifecycleMode'));

/** What is behind gates that are off. */
function dropDisabled({ spec }: Resource<V1CSIDriver>): void {
  delete (spec as { nodeAllocatableUpdatePeriodSeconds?: number }).nodeAllocatableUpdatePeriodSeconds;
}

export const strategy: KindRules<Resource<V1CSIDriver>> = {
  resource: 'csidrivers.storage.k8s.io',
  updateChecks: ['metadata', 'spec', 'changes'],
  clusterScoped: true,
  needsVersion: true,
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
  prepareForCreate: dropDisabled,
  prepareForUpdate: (driver, old) => {
    dropDisabled(driver);
    if (!same(driver.spec, old.spec)) countGeneration(driver, old, ['spec']);
  },
  validate: ({ spec }) => [
    ...oneOfIfSet('spec.fsGroupPolicy', spec.fsGroupPolicy, FS_GROUP_POLICIES),
    ...validateTokens(spec.tokenRequests),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      LIFECYCLE_MODES.includes(mode) ? [] : [notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES)],
    ),
  ],
  validateUpdate: ({ spec }, { spec: old }) => [
    ...immutable('spec.attachedRequired', spec.attachRequired, old.attachRequired),
    ...immutable(
      'spec.volumeLifecycleModes',
      spec.volumeLifecycleModes,
      old.volumeLifecycleModes,
      goModes(spec.volumeLifecycleModes),
    ),
  ],
};
