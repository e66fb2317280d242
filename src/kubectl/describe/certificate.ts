import { parseCertificateRequest } from '../../base/csr.ts';
import { humanDuration } from '../../base/duration.ts';
import type { KubeObject } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import { formatLabels, rfc1123z } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

type SigningRequest = KubeObject & {
  spec: { request: string; signerName?: string; expirationSeconds?: number; username?: string };
  status?: { conditions?: { type: string }[]; certificate?: string };
};

/** `Approved,Issued`, by the conditions and whether there is a certificate. */
function statusText({ status }: SigningRequest): string {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
}

/** Parts of a distinguished name, by OID, in the order of the description. */
const SUBJECT_LISTS: [string, string][] = [
  ['Organization', '2.5.4.10'],
  ['Organizational Unit', '2.5.4.11'],
  ['Country', '2.5.4.6'],
  ['Locality', '2.5.4.7'],
  ['Province', '2.5.4.8'],
  ['StreetAddress', '2.5.4.9'],
  ['PostalCode', '2.5.4.17'],
];

/** Source: describeCertificateSigningRequest. */
export const describeCertificateSigningRequest: Describer<SigningRequest> = async (csr, source) => {
  const { metadata, spec } = csr;
  const request = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString());
  const w = new DescribeWriter();
  const list = (title: string, values: string[] = []) => {
    if (values.length) w.write(0, `\t${title}:\t${values.join('\n\t\t')}\n`);
  };
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Labels', formatLabels(metadata.labels));
  w.row(0, 'Annotations', formatLabels(metadata.annotations));
  w.row(0, 'CreationTimestamp', rfc1123z(metadata.creationTimestamp));
  w.row(0, 'Requesting User', spec.username ?? '');
  if (spec.signerName) w.row(0, 'Signer', spec.signerName);
  if (spec.expirationSeconds != null) w.row(0, 'Requested Duration', humanDuration(spec.expirationSeconds * 1000));
  w.row(0, 'Status', statusText(csr));
  w.write(0, 'Subject:\n');
  w.write(0, `\tCommon Name:\t${request.subject['2.5.4.3']?.[0] ?? ''}\n`);
  w.write(0, `\tSerial Number:\t${request.subject['2.5.4.5']?.[0] ?? ''}\n`);
  for (const [title, oid] of SUBJECT_LISTS) list(title, request.subject[oid]);
  const { dnsNames, emails, uris, ips } = request;
  if (dnsNames.length + emails.length + uris.length + ips.length) w.write(0, 'Subject Alternative Names:\n');
  list('DNS Names', dnsNames);
  list('Email Addresses', emails);
  list('URIs', uris);
  list('IP Addresses', ips);
  return writeEventsOf(w, csr, source);
};
