import type { Container, PodSpec, PodTemplateSpec, Probe } from '../../../types/objects.ts';
import { roundUpAll } from './resources.ts';
import { defaultVolume } from './volume-defaults.ts';

type Handler = NonNullable<NonNullable<Container['lifecycle']>['postStart']>;

/** What an image's name has to look like (distribution/reference): a domain, lower-case paths, a tag and a digest. */
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const IMAGE = new RegExp(
  `^(?:(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/)?${PATH_PART}(?:/${PATH_PART})*(?<tag>:\\w[\\w.-]{0,127})?(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

const MAX_IMAGE_NAME = 255;

/** SetDefaults of an image's pull policy: Always for `latest`, named or not, IfNotPresent for any other, or for none. */
function defaultPullPolicy(image: string): string {
  const parts = /^[a-f0-9]{64}$/.test(image) ? null : IMAGE.exec(image);
  if (!parts) return 'IfNotPresent';
  const { tag = '', digest = '' } = parts.groups!;
  if (image.length - tag.length - digest.length > MAX_IMAGE_NAME) return 'IfNotPresent';
  return tag === ':latest' || (!tag && !digest) ? 'Always' : 'IfNotPresent';
}

function defaultHttpGet(handler: Pick<Handler, 'httpGet'> | undefined): void {
  const action = handler?.httpGet;
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  roundUpAll(container.resources.limits, container.resources.requests);
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  defaultHttpGet(container.lifecycle?.postStart);
  defaultHttpGet(container.lifecycle?.preStop);
}

/** All containers of a pod, in the order that defaulting and validation visit them. */
const allContainers = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...((spec.ephemeralContainers ?? []) as Container[]),
];

/** SetDefaults_PodSpec with everything below it: what pods and pod templates have in common. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of allContainers(spec)) defaultContainer(container);
  roundUpAll(spec.overhead);
}

/** SetDefaults of a pod template; its metadata is always there. */
export function defaultPodTemplate(template: PodTemplateSpec | undefined): void {
  if (!template) return;
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  defaultPodSpec(template.spec);
}
