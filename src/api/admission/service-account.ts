import type { Container, Pod, PodSpec, ServiceAccount } from '../../types/objects.ts';
import { referredBy } from '../authorization/node.ts';
import { type AdmissionPlugin, creates, refuse } from './plugin.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour, and a few seconds by which one can tell it from a chosen one. */
const TOKEN_SECONDS = 3607;
const MIRROR = 'kubernetes.io/config.mirror';

/** Gives pods their service account, its pull secrets and a volume with its token. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: ['pods'],
  admit(request, draft) {
    if (!draft || !creates(request, 'pods')) return;
    const pod = draft as Pod;
    const { world, namespace } = request;
    const spec = pod.spec!;
    if (pod.metadata.annotations?.[MIRROR] !== undefined) {
      const why = mirrorProblem(spec);
      if (why) throw refuse(request, draft, why);
      return;
    }
    spec.serviceAccountName ||= 'default';
    const account = world.store.get('serviceaccounts', namespace, spec.serviceAccountName) as
      | ServiceAccount
      | undefined;
    if (!account) {
      const name = spec.serviceAccountName;
      throw refuse(
        request,
        draft,
        `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
      );
    }
    spec.serviceAccount = spec.serviceAccountName;
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
      mountToken(spec, () => `kube-api-access-${world.random.suffix()}`);
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets;
  },
};

/** Why the specification of a mirror pod is none: there may be nothing behind it in the API. */
function mirrorProblem(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'a mirror pod may not reference service accounts';
  if (referredBy(spec, 'secrets').length > 0) return 'a mirror pod may not reference secrets';
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  return sources.some(({ serviceAccountToken }) => serviceAccountToken)
    ? 'a mirror pod may not use ServiceAccountToken volume projections'
    : undefined;
}

function mountToken(spec: PodSpec, makeName: () => string): void {
  const bare = (container: Container) => !container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH);
  const known = spec.volumes?.find(({ name }) => name.startsWith('kube-api-access-'));
  const name = known?.name ?? makeName();
  const mount = { name, readOnly: true, mountPath: MOUNT_PATH };
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (!bare(container)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), mount];
    needed = true;
  }
  if (!needed || known) return;
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name,
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
        ],
        defaultMode: 0o644,
      },
    },
  ];
}
