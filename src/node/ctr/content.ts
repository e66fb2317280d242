import { createHash } from 'node:crypto';
import { fnv1a32 } from '../../base/hash.ts';
import { alignTabs } from '../../base/tabwriter.ts';
import { ok } from '../../sh/tools/tool.ts';
import type { ImageRecord } from '../../types/node-runtime.ts';
import { humanDuration, humanSize } from '../crictl/format.ts';
import { imagesOf } from '../crictl/records.ts';
import { type CtrCall, type CtrCommand, CtrError } from './cli.ts';

/** The namespace in which the kubelet's images are. */
const KUBERNETES = 'k8s.io';

interface Blob {
  digest: string;
  size: number;
  image: ImageRecord;
  labels: string[];
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** What an image consists of: its manifest, its configuration, and one layer for all of its files. */
function blobsOf(image: ImageRecord): Blob[] {
  const [name = '', manifest = digestOf(`manifest ${image.id}`)] = (image.repoDigests[0] ?? '').split('@');
  const [host = '', ...path] = name.split('/');
  const layer = digestOf(`layer ${image.id}`);
  const source = `containerd.io/distribution.source.${host}=${path.join('/')}`;
  const own = fnv1a32(image.id) % 1000;
  return [
    {
      digest: manifest,
      size: 1_100 + own,
      image,
      labels: [`containerd.io/gc.ref.content.config=${image.id}`, `containerd.io/gc.ref.content.l.0=${layer}`, source],
    },
    {
      digest: image.id,
      size: 6_200 + own,
      image,
      labels: [`containerd.io/gc.ref.snapshot.overlayfs=${layer}`, source],
    },
    { digest: layer, size: image.size, image, labels: [`containerd.io/uncompressed=${digestOf(layer)}`, source] },
  ];
}

const blobsIn = ({ host, namespace }: CtrCall): Blob[] =>
  namespace === KUBERNETES
    ? imagesOf(host)
        .flatMap(blobsOf)
        .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    : [];

const table = (rows: string[][]): string =>
  alignTabs(rows.map((row) => `${row.join('\t')}\t\n`).join(''), { minWidth: 1, tabWidth: 8, padding: 1 });

/** `ctr content`: what the content store holds. */
export const content: CtrCommand = {
  names: 'content',
  summary: 'manage content',
  commands: [
    {
      names: 'list, ls',
      summary: 'list all blobs in the store',
      flags: [{ names: 'quiet, q', usage: 'print the digests alone' }],
      run(call) {
        const blobs = blobsIn(call);
        if (call.flag('quiet')) return ok(blobs.map(({ digest }) => `${digest}\n`).join(''));
        const now = call.host.now();
        const rows = blobs.map(({ digest, size, image, labels }) => [
          digest,
          humanSize(size, 4),
          humanDuration(now - image.pulledAt),
          labels.join(','),
        ]);
        return ok(table([['DIGEST', 'SIZE', 'AGE', 'LABELS'], ...rows]));
      },
    },
    {
      names: 'get',
      summary: 'get the data for an object',
      arguments: '[<digest>, ...]',
      run(call) {
        const [wanted = ''] = call.args;
        if (!blobsIn(call).some(({ digest }) => digest === wanted))
          throw new CtrError(`content ${wanted || 'digest'}: not found`);
        throw new CtrError('kubemu keeps no bytes of images: ctr content ls tells what there would be');
      },
    },
  ],
};

/** `ctr leases`: nothing is leased once a pull is over. */
export const leases: CtrCommand = {
  names: 'leases',
  summary: 'manage leases',
  commands: [
    {
      names: 'list, ls, l',
      summary: 'list all active leases',
      flags: [{ names: 'quiet, q', usage: 'print the ids alone' }],
      run: (call) => ok(call.flag('quiet') ? '' : table([['ID', 'CREATED AT', 'LABELS']])),
    },
  ],
};
