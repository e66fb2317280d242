import type * as models from '@kubernetes/client-node';
import { formatTime } from '../../base/time.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { Client } from '../../runtime/client.ts';
import type { KubeObject, Resource } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { readRequest, signRequest } from './sign.ts';

type Request = Resource<models.V1CertificateSigningRequest>;

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io';
const REVIEWS = 'subjectaccessreviews.authorization.k8s.io';
const YEAR = 365 * 86_400;
/** Signers that kube-controller-manager stands for; nobody signs for others. */
const SIGNERS = new Set([
  'kubernetes.io/kube-apiserver-client',
  'kubernetes.io/kube-apiserver-client-kubelet',
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/legacy-unknown',
]);
/** Requests that are approved without asking: those of bootstrapping kubelets. */
const SELF_APPROVED = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const CLIENT_USAGES = ['digital signature', 'key encipherment', 'client auth'];
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

const sameUsages = (usages: string[], required: string[]): boolean =>
  usages.length === required.length && required.every((usage) => usages.includes(usage));
/** A key that is not RSA needs no encipherment. */
const hasUsages = (usages: string[], required: string[]): boolean =>
  sameUsages(usages, required) ||
  sameUsages(
    usages,
    required.filter((usage) => usage !== 'key encipherment'),
  );

/** Alternative names that kubelets' certificates must not have, in the order in which they are looked for. */
const REFUSED_NAMES = {
  client: [
    ['dns', 'DNS'],
    ['emails', 'Email'],
    ['ips', 'IP'],
    ['uris', 'URI'],
  ],
  serving: [
    ['emails', 'Email'],
    ['uris', 'URI'],
  ],
} as const;

/** ValidateKubeletClientCSR, ValidateKubeletServingCSR: kubelets ask for certificates of their nodes alone. */
function kubeletProblem({ spec: { request, usages = [], signerName } }: Request): string | undefined {
  const { name, organizations, names } = readRequest(Buffer.from(request, 'base64').toString());
  const serves = signerName === SERVING;
  const required = serves ? SERVER_USAGES : CLIENT_USAGES;
  if (organizations.join() !== 'system:nodes') return 'subject organization is not system:nodes';
  if (serves && names.dns + names.ips === 0) return 'DNS or IP subjectAltName is required';
  const kind = REFUSED_NAMES[serves ? 'serving' : 'client'].find(([key]) => names[key] > 0);
  if (kind) return `${kind[1]} subjectAltNames are not allowed`;
  const usage = hasUsages(usages, required) ? undefined : `usages did not match [${[...required].sort().join(' ')}]`;
  const owner = name.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
  return serves ? (usage ?? owner) : (owner ?? usage);
}

/** What the signer of a request's kind has against it. */
function problemWith(request: Request): string | undefined {
  const { signerName, usages = [] } = request.spec;
  if (signerName === SELF_APPROVED || signerName === SERVING) return kubeletProblem(request);
  if (signerName !== CLIENT) return undefined;
  const wrong = usages.find((usage) => !CLIENT_USAGES.includes(usage));
  if (wrong) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const has = ({ status }: Request, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

const watch = { resource: RESOURCE, keys: ({ object }: { object: Request }) => [object.metadata.name!] } as never;

interface Approval {
  /** What one must be allowed to create of requests. */
  subresource: string;
  /** Who may without asking: the groups to which kubeadm grants it. */
  group: string;
  said: string;
}

const APPROVALS: Approval[] = [
  { subresource: 'selfnodeclient', group: 'system:nodes', said: 'self kubelet client certificate' },
  { subresource: 'nodeclient', group: 'system:bootstrappers', said: 'kubelet client certificate' },
];

/** Whether the asker may have such a certificate; one for oneself names oneself. */
function mayBeApproved({ spec }: Request, { subresource, group }: Approval, client: Client): boolean {
  const isSelf = subresource === 'selfnodeclient';
  if (isSelf && readRequest(Buffer.from(spec.request, 'base64').toString()).name !== spec.username) return false;
  if (spec.groups?.includes(group)) return true;
  const resourceAttributes = {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verb: 'create',
    subresource,
    version: '*',
  };
  const review = client.create(REVIEWS, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: { user: spec.username, uid: spec.uid, groups: spec.groups, extra: spec.extra, resourceAttributes },
  } as KubeObject) as KubeObject & { status?: { allowed?: boolean } };
  return review.status?.allowed ?? false;
}

/** Approves the client certificates that kubelets ask for (pkg/controller/certificates/approver). */
export const csrApprovingController: Actor = controller({
  name: 'csrapproving',
  watches: [watch],
  reconcile(key, { client, now }) {
    const request = client.get(RESOURCE, '', key) as Request | undefined;
    if (request?.spec.signerName !== SELF_APPROVED || has(request, 'Approved') || has(request, 'Denied')) return;
    if (kubeletProblem(request)) return;
    const said = APPROVALS.find((approval) => mayBeApproved(request, approval, client))?.said;
    if (!said) return;
    const at = formatTime(now());
    const condition = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: `Auto approving ${said} after SubjectAccessReview.`,
      lastUpdateTime: at,
      lastTransitionTime: at,
    };
    client.patch(RESOURCE, '', key, { status: { conditions: [condition] } }, 'approval');
  },
});

/** Signs approved requests with the cluster's authority (pkg/controller/certificates/signer). */
export const csrSigningController: Actor = controller({
  name: 'csrsigning',
  watches: [watch],
  reconcile(key, { client, now, random }) {
    const request = client.get(RESOURCE, '', key) as Request | undefined;
    if (!request || !SIGNERS.has(request.spec.signerName)) return;
    if (!has(request, 'Approved') || has(request, 'Denied') || has(request, 'Failed') || request.status?.certificate)
      return;
    const problem = problemWith(request);
    if (problem) {
      const at = formatTime(now());
      const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: problem };
      const conditions = [
        ...(request.status?.conditions ?? []),
        { ...failed, lastUpdateTime: at, lastTransitionTime: at },
      ];
      client.updateStatus(RESOURCE, { ...request, status: { ...request.status, conditions } } as Request);
      return;
    }
    const { request: pem, usages = [], expirationSeconds } = request.spec;
    const seconds = Math.min(expirationSeconds ?? YEAR, YEAR);
    const certificate = signRequest(Buffer.from(pem, 'base64').toString(), usages, now(), seconds, random);
    const status = { ...request.status, certificate: Buffer.from(certificate).toString('base64') };
    client.updateStatus(RESOURCE, { ...request, status } as Request);
  },
});
