import type { V1CertificateSigningRequest } from '@kubernetes/client-node';
import { parseCertificateRequest } from '../../../base/csr.ts';
import { isDns1123Subdomain } from '../../../base/names.ts';
import type { Resource } from '../../../types/objects.ts';
import { duplicate, type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, same } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

type CertificateSigningRequest = Resource<V1CertificateSigningRequest>;

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const MIN_SECONDS = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

const goBytes = (bytes: Uint8Array) =>
  new GoSyntax(`[]byte{${[...bytes].map((byte) => `0x${byte.toString(16)}`).join(', ')}}`);

function validateRequest(request: string): FieldError[] {
  const bytes = Buffer.from(request, 'base64');
  try {
    parseCertificateRequest(bytes.toString());
    return [];
  } catch (error) {
    return [invalid('spec.request', goBytes(bytes), (error as Error).message)];
  }
}

function validateSigner(name: string): FieldError[] {
  const at = 'spec.signerName';
  if (name === '') return [required(at)];
  if (name === LEGACY_SIGNER) return [invalid(at, name, 'the legacy signerName is not allowed via this API version')];
  const [domain = '', ...path] = name.split('/');
  if (path.length !== 1)
    return [invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = isDns1123Subdomain(domain).map((message) =>
    invalid(at, name, `validating label "${domain}": ${message}`),
  );
  if (domain.split('.').length < 2)
    errors.push(invalid(at, name, 'should be a domain with at least two segments separated by dots'));
  return errors;
}

function validate({ spec }: CertificateSigningRequest): FieldError[] {
  const { usages = [], expirationSeconds: seconds } = spec;
  const errors = validateRequest(spec.request ?? '');
  if (usages.length === 0) errors.push(required('spec.usages'));
  errors.push(
    ...each(usages, 'spec.usages', (usage, at) => (USAGES.includes(usage) ? [] : [notSupported(at, usage, USAGES)])),
    ...each(usages, 'spec.usages', (usage, at, index) => (usages.indexOf(usage) < index ? [duplicate(at, usage)] : [])),
    ...validateSigner(spec.signerName ?? ''),
  );
  if (seconds !== undefined && seconds < MIN_SECONDS)
    errors.push(
      invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
    );
  return errors;
}

export const strategy: KindRules<CertificateSigningRequest> = {
  resource: 'certificatesigningrequests.certificates.k8s.io',
  clusterScoped: true,
  prepareForCreate: (request, { user }) => {
    request.status = {};
    if (user) {
      const { username, uid, groups, extra } = user;
      Object.assign(request.spec, { username, uid, groups, extra });
    }
  },
  prepareForUpdate: (request, old) => {
    request.spec = old.spec;
    request.status = old.status;
  },
  validate,
  validateStatusUpdate: ({ status }, { status: old }) => {
    const kept = (type: string) =>
      !old?.conditions?.some((one) => one.type === type) ||
      (status?.conditions ?? []).some((one) => one.type === type && same(one.status, 'True'));
    return ['Approved', 'Denied', 'Failed']
      .filter((type) => !kept(type))
      .map((type) => ({
        type: 'FieldValueForbidden' as const,
        field: 'status.conditions',
        detail: `updates may not remove a condition of type "${type}"`,
      }));
  },
};
