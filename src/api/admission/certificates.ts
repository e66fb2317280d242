import type { V1CertificateSigningRequest } from '@kubernetes/client-node';
import { parseCertificateRequest } from '../../base/csr.ts';
import type { Resource } from '../../types/objects.ts';
import { decide, MASTERS } from '../authorization/index.ts';
import { equal } from '../machinery/patch/json-value.ts';
import type { ResourceRequest } from '../world.ts';
import { type AdmissionPlugin, creates, refuse } from './plugin.ts';

type CertificateRequest = Resource<V1CertificateSigningRequest>;

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const ORGANIZATION = '2.5.4.10';

/** Whether the user may do this with what a signer signs, or with all signers of its domain. */
function maySign({ world, user }: ResourceRequest, verb: string, signer: string): boolean {
  const names = [signer, `${signer.split('/')[0]}/*`];
  const attributes = { verb, group: 'certificates.k8s.io', resource: 'signers', namespace: '' };
  return names.some((name) => decide(world, user, { ...attributes, name }).allowed);
}

const isUpdateOf = ({ verb, subresource }: ResourceRequest, wanted: string): boolean =>
  subresource === wanted && (verb === 'update' || verb === 'patch');

/** Who approves must be allowed to, signer by signer. */
export const certificateApproval: AdmissionPlugin = {
  name: 'CertificateApproval',
  resources: [REQUESTS],
  validate(request, object, old) {
    if (!old || !isUpdateOf(request, 'approval')) return;
    const { signerName } = (old as CertificateRequest).spec;
    if (!maySign(request, 'approve', signerName))
      throw refuse(request, object, `user not permitted to approve requests with signerName "${signerName}"`);
  },
};

/** So must who signs, or says that it failed. */
export const certificateSigning: AdmissionPlugin = {
  name: 'CertificateSigning',
  resources: [REQUESTS],
  validate(request, object, old) {
    if (!object || !old || !isUpdateOf(request, 'status')) return;
    const [now, before] = [(object as CertificateRequest).status, (old as CertificateRequest).status];
    const changed = (['certificate', 'conditions'] as const).some((field) => !equal(now?.[field], before?.[field]));
    const { signerName } = (old as CertificateRequest).spec;
    if (changed && !maySign(request, 'sign', signerName))
      throw refuse(request, object, `user not permitted to sign requests with signerName "${signerName}"`);
  },
};

/** Nobody becomes an administrator by a certificate. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  resources: [REQUESTS],
  validate(request, object) {
    if (!object || !creates(request, REQUESTS)) return;
    const { signerName, request: pem } = (object as CertificateRequest).spec;
    if (signerName !== CLIENT_SIGNER) return;
    const { subject } = parseCertificateRequest(Buffer.from(pem, 'base64').toString());
    if (subject[ORGANIZATION]?.includes(MASTERS))
      throw refuse(request, object, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};
