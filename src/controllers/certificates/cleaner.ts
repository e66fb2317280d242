import { X509Certificate } from 'node:crypto';
import type * as models from '@kubernetes/client-node';
import { parseTime } from '../../base/time.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { Resource } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';

type Request = Resource<models.V1CertificateSigningRequest>;

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io';
const HOUR = 3_600_000;
/** How long requests are kept once they are answered, and unanswered, ms. */
const ANSWERED = HOUR;
const PENDING = 24 * HOUR;
/** Marks requests that are looked at when the controller looks at all, once an hour. */
const LOOK = 'look:';

/** When a request is no longer needed, ms: an hour after its answer, with its certificate, or when nobody answers. */
function expiryOf({ metadata, status }: Request): number {
  const { conditions = [], certificate } = status ?? {};
  if (conditions.length === 0) return parseTime(String(metadata.creationTimestamp)) + PENDING;
  const ends = conditions.flatMap(({ type, lastUpdateTime }) =>
    type === 'Denied' || type === 'Failed' || (type === 'Approved' && certificate)
      ? [parseTime(String(lastUpdateTime)) + ANSWERED]
      : [],
  );
  const isIssued = certificate && conditions.some(({ type }) => type === 'Approved');
  if (isIssued) ends.push(Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo));
  return Math.min(Number.POSITIVE_INFINITY, ...ends);
}

/** Removes requests for certificates that are old (pkg/controller/certificates/cleaner). */
export const csrCleaner: Actor = controller({
  name: 'certificatesigningrequest-cleaner-controller',
  watches: [{ resource: RESOURCE, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) }],
  reconcile(key, { client, now, wake }) {
    const name = key.startsWith(LOOK) ? key.slice(LOOK.length) : key;
    const request = client.get(RESOURCE, '', name) as Request | undefined;
    if (!request) return;
    const expiry = expiryOf(request);
    if (name !== key && expiry < now()) return client.delete(RESOURCE, '', name);
    const look = (Math.floor(expiry / HOUR) + 1) * HOUR;
    if (Number.isFinite(look)) wake(LOOK + name, Math.max(look, (Math.floor(now() / HOUR) + 1) * HOUR));
  },
  settles: () => false,
});
