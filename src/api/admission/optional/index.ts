import { goQuote } from '../../../base/go-quote.ts';
import { formatTime } from '../../../base/time.ts';
import type { Container, KubeObject, Pod, Service } from '../../../types/objects.ts';
import { notSupported } from '../../machinery/field-errors.ts';
import { errorText } from '../../machinery/invalid.ts';
import { save } from '../../machinery/persist.ts';
import type { ResourceRequest } from '../../world.ts';
import { imagePolicyOf } from '../chosen.ts';
import { type AdmissionPlugin, creates, refuse, updates } from '../plugin.ts';

const KINDS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

const containersOf = ({ spec }: Pod): [field: string, container: Container][] =>
  KINDS.flatMap((kind) =>
    ((spec?.[kind] ?? []) as Container[]).map((container, i): [string, Container] => [`spec.${kind}[${i}]`, container]),
  );

/** Whether a pod comes with an image that it did not have. */
function bringsImages(request: ResourceRequest, pod: Pod, old: Pod | undefined): boolean {
  if (creates(request, 'pods')) return true;
  if (!updates(request, 'pods') || !old) return false;
  const known = new Set(containersOf(old).map(([, { image }]) => image));
  return containersOf(pod).some(([, { image }]) => !known.has(image));
}

const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  resources: ['pods'],
  admit(request, draft, old) {
    const pod = draft as Pod | undefined;
    if (!pod || !bringsImages(request, pod, old as Pod | undefined)) return;
    const pulled = (list: Container[] | undefined) => list?.map((one) => ({ ...one, imagePullPolicy: 'Always' }));
    const { initContainers, containers, ephemeralContainers } = pod.spec!;
    pod.spec = {
      ...pod.spec!,
      ...(initContainers && { initContainers: pulled(initContainers)! }),
      containers: pulled(containers)!,
      ...(ephemeralContainers && {
        ephemeralContainers: pulled(ephemeralContainers as Container[]) as typeof ephemeralContainers,
      }),
    };
  },
  validate(request, object, old) {
    const pod = object as Pod | undefined;
    if (!pod || !bringsImages(request, pod, old as Pod | undefined)) return;
    for (const [field, { imagePullPolicy }] of containersOf(pod))
      if (imagePullPolicy !== 'Always')
        throw refuse(request, pod, errorText(notSupported(`${field}.imagePullPolicy`, imagePullPolicy, ['Always'])));
  },
};

/** Who puts something into a namespace that is not there makes it. */
const namespaceAutoProvision: AdmissionPlugin = {
  name: 'NamespaceAutoProvision',
  admit(request) {
    const { world, verb, resource, namespace, dryRun } = request;
    if (dryRun || verb !== 'create' || !resource.namespaced || namespace === '') return;
    if (resource.name.endsWith('reviews.authorization.k8s.io')) return;
    if (world.store.get('namespaces', '', namespace)) return;
    const make = (resource: string, own: object, place: { namespace: string; name: string }) =>
      save({ ...request, ...place, resource: world.registry.byName(resource)! }, own as KubeObject);
    const stamp = () => ({ uid: world.random.uuid(), creationTimestamp: formatTime(world.now()) });
    const labels = { 'kubernetes.io/metadata.name': namespace };
    make(
      'namespaces',
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, ...stamp(), labels },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      },
      { namespace: '', name: namespace },
    );
    // Pods are kept waiting until the controller has made this one.
    make(
      'serviceaccounts',
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace, ...stamp() } },
      { namespace, name: 'default' },
    );
  },
};

const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  resources: ['services'],
  validate(request, object, old) {
    if (!object || request.subresource !== '') return;
    const before = new Set((old as Service | undefined)?.spec?.externalIPs ?? []);
    if (((object as Service).spec?.externalIPs ?? []).some((ip) => !before.has(ip)))
      throw refuse(request, object, 'Use of external IPs is denied by admission control');
  },
};

/** Why the server of a webhook cannot be asked: none is reached from a simulated control plane. */
function dialFailure(server: string): string {
  const { hostname, port, protocol } = new URL(server);
  const number = port || (protocol === 'https:' ? '443' : '80');
  return /^[\d.]+$|^localhost$/.test(hostname)
    ? `dial tcp ${hostname === 'localhost' ? '127.0.0.1' : hostname}:${number}: connect: connection refused`
    : `dial tcp: lookup ${hostname} on 8.8.8.8:53: no such host`;
}

const imagePolicyWebhook: AdmissionPlugin = {
  name: 'ImagePolicyWebhook',
  resources: ['pods'],
  validate(request, object, old) {
    const pod = object as Pod | undefined;
    const policy = imagePolicyOf(request.world.state);
    if (!pod || !policy || policy.defaultAllow || !bringsImages(request, pod, old as Pod | undefined)) return;
    const url = `${policy.server}${policy.server.includes('?') ? '&' : '?'}timeout=30s`;
    throw refuse(request, pod, `Post ${goQuote(url)}: ${dialFailure(policy.server)}`);
  },
};

const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  validate(request, object, old) {
    throw refuse(request, object ?? old, 'admission control is denying all modifications');
  },
};

/** Plugins that work only where somebody enables them: those that go before NamespaceLifecycle, among the others, and last. */
export const OPTIONAL = {
  first: [namespaceAutoProvision],
  middle: [alwaysPullImages, imagePolicyWebhook, denyServiceExternalIPs],
  last: [alwaysDeny],
};
