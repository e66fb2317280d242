import type { State } from '../../store/section.ts';

/** Plugins that work unless somebody says otherwise (DefaultOffAdmissionPlugins tells the others). */
const ON = [
  'NamespaceLifecycle',
  'LimitRanger',
  'ServiceAccount',
  'DefaultStorageClass',
  'PersistentVolumeClaimResize',
  'DefaultTolerationSeconds',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
  'StorageObjectInUseProtection',
  'Priority',
  'TaintNodesByCondition',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'ClusterTrustBundleAttest',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'PodSecurity',
  'PodTopologyLabels',
  'MutatingAdmissionPolicy',
  'ValidatingAdmissionPolicy',
];

const OFF = [
  'AlwaysAdmit',
  'AlwaysDeny',
  'AlwaysPullImages',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'ImagePolicyWebhook',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'NodeRestriction',
  'OwnerReferencesPermissionEnforcement',
  'PodNodeSelector',
  'PodTolerationRestriction',
];

/** How ImagePolicyWebhook was configured: whom it asks, and what counts when nobody answers. */
export interface ImagePolicy {
  server: string;
  defaultAllow: boolean;
}

/** What an API server was told of its plugins. */
export interface Choice {
  enabled: string[];
  disabled: string[];
  imagePolicy?: ImagePolicy;
}

const SECTION = 'api-server/admission';
const KEY = 'plugins';

/** What is wrong with such a choice, in the words of the API server; undefined if nothing is. */
export function choiceProblem({ enabled, disabled }: Choice): string | undefined {
  const known = new Set([...ON, ...OFF]);
  const unknown = (list: string[], flag: string) =>
    list.filter((name) => !known.has(name)).map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`);
  const both = enabled.filter((name) => disabled.includes(name)).sort();
  const errors = [
    ...unknown(enabled, 'enable-admission-plugins'),
    ...unknown(disabled, 'disable-admission-plugins'),
    ...(both.length > 0
      ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]
      : []),
  ];
  return errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
}

/** An API server begins with these plugins. */
export const noteChoice = (state: State, choice: Choice): void => state.section<Choice>(SECTION).set(KEY, choice);

const choiceOf = (state: State): Choice | undefined => state.section<Choice>(SECTION).get(KEY);

export const imagePolicyOf = (state: State): ImagePolicy | undefined => choiceOf(state)?.imagePolicy;

/** Which plugins work. Where no kubelet runs the API server, it is one that a provider has set up with NodeRestriction. */
export function chosenPlugins(state: State): (name: string) => boolean {
  const { enabled, disabled } = choiceOf(state) ?? { enabled: ['NodeRestriction'], disabled: [] };
  return (name) => !disabled.includes(name) && (!OFF.includes(name) || enabled.includes(name));
}
