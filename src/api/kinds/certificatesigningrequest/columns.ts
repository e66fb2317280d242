import type { V1CertificateSigningRequest } from '@kubernetes/client-node';
import { humanDuration } from '../../../base/duration.ts';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

type CertificateSigningRequest = Resource<V1CertificateSigningRequest>;

function condition({ status }: CertificateSigningRequest): string {
  const has = (type: string) => status?.conditions?.some((one) => one.type === type);
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

export const view: KindView<CertificateSigningRequest> = {
  cells: {
    SignerName: ({ spec }) => spec.signerName || NONE,
    Requestor: ({ spec }) => spec.username ?? '',
    RequestedDuration: ({ spec }) =>
      spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
    Condition: condition,
  },
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
};
