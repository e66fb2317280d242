import { generate } from 'selfsigned';
import type { State } from '../store/section.ts';

export interface Certificate {
  key: string;
  cert: string;
}

/** Good for so long, days: a lab's lifetime. */
const DAYS = 3650;

/** The cluster's serving certificate for loopback, made once and kept in its state. `now`: the wall clock, ms, for clients check it. */
export async function servingCertificate(state: State, now: number): Promise<Certificate> {
  const section = state.section<Certificate>('serving');
  const kept = section.get('certificate');
  if (kept) return kept;
  const made = await generate([{ name: 'commonName', value: 'kubemu' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 86_400_000),
    notAfterDate: new Date(now + DAYS * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const certificate = { key: made.private, cert: made.cert };
  section.set('certificate', certificate);
  return certificate;
}
