import { parseCertificateRequest } from '../../../base/csr.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../../base/names.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each } from '../shared/checks.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';
import { certificateProblem, signatureProblem } from './certificate.ts';
import {
  type CertificateSigningRequest,
  keepDecisions,
  setTimes,
  validateChanges,
  validateConditions,
} from './conditions.ts';

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

const goBytes = (bytes: Uint8Array | undefined) =>
  new GoSyntax(bytes ? `[]byte{${[...bytes].map((byte) => `0x${byte.toString(16)}`).join(', ')}}` : '[]byte(nil)');

function validateRequest(request: string | undefined): FieldError[] {
  const bytes = request === undefined ? undefined : Buffer.from(request, 'base64');
  try {
    const pem = bytes?.toString() ?? '';
    parseCertificateRequest(pem);
    const problem = signatureProblem(pem);
    return problem === undefined ? [] : [invalid('spec.request', goBytes(bytes), problem)];
  } catch (error) {
    return [invalid('spec.request', goBytes(bytes), (error as Error).message)];
  }
}

const MAX_DOMAIN = 253;
/** A domain, a DNS label, a subdomain, and what stands between them. */
const MAX_SIGNER = MAX_DOMAIN + 1 + 63 + 1 + MAX_DOMAIN;

/** The first label that is wrong says so, with all that is wrong with it. */
function labelErrors(text: string, judge: (label: string) => string[]): FieldError[] {
  const label = text.split('.').find((one) => judge(one).length > 0);
  if (label === undefined) return [];
  return judge(label).map((message) => invalid('spec.signerName', text, `validating label "${label}": ${message}`));
}

/** ValidateSignerName */
function validateSigner(name: string): FieldError[] {
  const at = 'spec.signerName';
  if (name === LEGACY_SIGNER) return [invalid(at, name, 'the legacy signerName is not allowed via this API version')];
  if (name === '') return [required(at)];
  const [domain = '', path = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0)
    return [invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  return [
    ...(domain.length > MAX_DOMAIN ? [tooLong(at, '', MAX_DOMAIN)] : []),
    ...labelErrors(domain, isDns1123Label),
    ...(domain.includes('.')
      ? []
      : [invalid(at, domain, 'should be a domain with at least two segments separated by dots')]),
    ...labelErrors(path, isDns1123Subdomain),
    ...(name.length > MAX_SIGNER ? [tooLong(at, '', MAX_SIGNER)] : []),
  ];
}

function validateCertificate({ status }: CertificateSigningRequest): FieldError[] {
  const problem = certificateProblem(Buffer.from(status?.certificate ?? '', 'base64').toString());
  return problem ? [invalid('status.certificate', '<certificate data>', problem)] : [];
}

function validate(request: CertificateSigningRequest): FieldError[] {
  const { spec } = request;
  const { usages = [], expirationSeconds: seconds } = spec;
  const errors = validateRequest(spec.request);
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
  return [...errors, ...validateConditions(request)];
}

export const strategy: KindRules<CertificateSigningRequest> = {
  resource: 'certificatesigningrequests.certificates.k8s.io',
  updateChecks: ['object', 'changes', 'metadata'],
  subresourceChecks: {
    status: ['object', 'changes', 'metadata'],
    approval: ['object', 'changes', 'metadata'],
  },
  resetFields: {
    '': { 'f:spec': {}, 'f:status': {} },
    status: { 'f:spec': {}, 'f:status': { 'f:conditions': {} } },
    approval: { 'f:spec': {}, 'f:status': { 'f:certificate': {} } },
  },
  clusterScoped: true,
  nameRule: pathSegmentName,
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
  prepareForStatusUpdate: (request, old, context) => {
    request.spec = old.spec;
    keepDecisions(request, old);
    setTimes(request, old, context.now());
  },
  validate,
  validateStatusUpdate: (request, old) => {
    const [now, before] = [request.status?.certificate ?? '', old.status?.certificate ?? ''];
    const replaced = now !== before && before !== '';
    return [
      ...(now === before ? [] : validateCertificate(request)),
      ...validateChanges(request, old, false),
      ...(replaced ? [forbidden('status.certificate', 'updates may not modify existing certificate content')] : []),
    ];
  },
  prepareForSubresource: {
    approval: (request, old, context) => setTimes(request, old, context.now()),
  },
  validateSubresource: {
    approval: (request, old) => validateChanges(request, old, true),
  },
};
