import { ok, unlines } from '../../sh/tools/tool.ts';
import type { ImageRecord } from '../../types/node-runtime.ts';
import { humanDuration, humanSize } from '../crictl/format.ts';
import { findImage, imageNames, imagesOf } from '../crictl/records.ts';
import { shown } from '../docker/lists.ts';
import { dockerContainers, familiar, shortId } from '../docker/model.ts';
import { CriError, type NodeHost } from '../host.ts';
import { type Call, KUBERNETES, NerdctlError, onEach, type Verb } from './cli.ts';
import { formatOf, TABS } from './containers.ts';

const NONE = '<none>';

const digestOf = ({ repoDigests, id }: ImageRecord): string => repoDigests[0]?.split('@')[1] ?? id;

/** containerd has an image under its tags, its digests and the id of its configuration. */
const namesOf = (image: ImageRecord): string[] => [...image.repoTags, ...image.repoDigests, image.id];

/** How much larger a layer is on the disk than packed. */
const UNPACKED = 2.6;

interface Row extends Record<string, unknown> {
  ID: string;
  Repository: string;
  Tag: string;
  Name: string;
}

function rowOf(host: NodeHost, image: ImageRecord, name: string, whole: boolean): Row {
  const at = name.includes('@') || name.startsWith('sha256:') ? -1 : name.lastIndexOf(':');
  const repository = name.startsWith('sha256:') ? NONE : familiar(at < 0 ? name.split('@')[0]! : name.slice(0, at));
  const digest = digestOf(image);
  const created = host.record().bootedAt;
  return {
    CreatedAt: `${new Date(created).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    CreatedSince: `${humanDuration(host.now() - created)} ago`,
    Digest: digest,
    ID: whole ? digest : shortId(digest),
    Repository: repository,
    Tag: at < 0 ? NONE : name.slice(at + 1),
    Name: name,
    Size: humanSize(Math.round(image.size * UNPACKED), 4),
    BlobSize: humanSize(image.size, 4),
    Platform: 'linux/amd64',
  };
}

export const images: Verb = {
  summary: 'List images',
  short: 'qaf:',
  long: ['quiet', 'no-trunc', 'format:', 'filter:', 'digests', 'names', 'all'],
  run(call) {
    const { host, options, namespace } = call;
    const format = formatOf(call);
    const [wanted] = options.rest;
    const names = wanted === undefined ? undefined : imageNames(wanted).concat(wanted);
    const filters = options.values('f', 'filter').map((filter) => filter.split(/=(.*)/s));
    const rows = (namespace === KUBERNETES ? imagesOf(host) : [])
      .flatMap((image) => namesOf(image).map((name) => ({ image, name })))
      .filter(
        ({ name }) =>
          !names || names.includes(name) || names.some((one) => name.startsWith(one.replace(/:latest$/, ':'))),
      )
      .map(({ image, name }) => rowOf(host, image, name, options.has('no-trunc')))
      .filter((row) =>
        filters.every(([key, value = '']) =>
          key === 'dangling'
            ? (row.Repository === NONE) === (value === 'true')
            : key === 'reference'
              ? new RegExp(value.replaceAll('*', '.*')).test(`${row.Repository}:${row.Tag}`)
              : true,
        ),
      );
    if (options.has('q', 'quiet')) return ok(unlines(rows.map(({ ID }) => ID)));
    const wide = format === 'wide';
    const head = {
      ...(options.has('names') ? { Name: 'NAME' } : { Repository: 'REPOSITORY', Tag: 'TAG' }),
      ...((wide || options.has('digests')) && { Digest: 'DIGEST' }),
      ID: 'IMAGE ID',
      CreatedSince: 'CREATED',
      Platform: 'PLATFORM',
      Size: 'SIZE',
      BlobSize: 'BLOB SIZE',
    };
    return ok(shown(wide ? undefined : format, head, rows, TABS));
  },
};

export const pull: Verb = {
  summary: 'Pull an image from a registry. Optionally specify "ipfs://" or "ipns://" scheme to pull image from IPFS.',
  short: 'q',
  long: ['quiet', 'all-platforms', 'platform:', 'unpack:', 'verify:'],
  wants: { count: 1, exactly: true },
  run({ host, options }) {
    const name = imageNames(options.rest[0]!)[0]!;
    try {
      const image = findImage(host, host.runtime.pullImage(name))!;
      const digest = digestOf(image);
      if (options.has('q', 'quiet')) return ok(`${name}\n`);
      const rows = [`${name}:`.padEnd(78), `manifest-${digest}:`.padEnd(78), `config-${image.id}:`.padEnd(78)];
      const [first, ...more] = rows;
      const bar = '|++++++++++++++++++++++++++++++++++++++|';
      return ok(
        unlines([
          `${first}resolved       ${bar} `,
          ...more.map((row) => `${row}done           ${bar} `),
          `elapsed: 1.2 s${' '.repeat(68)}total:  ${humanSize(image.size, 2)} (${humanSize(image.size / 1.2, 2)}/s)`,
        ]),
      );
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      throw new NerdctlError(error.message.replace(/^failed to pull and unpack image "[^"]*": /, ''));
    }
  },
};

function remove(call: Call, reference: string): string {
  const { host, namespace, options } = call;
  const image = namespace === KUBERNETES ? findImage(host, reference) : undefined;
  if (!image) throw new NerdctlError(`no such image: ${reference}`);
  const user = dockerContainers(host).find(({ imageID }) => imageID === image.id);
  if (user && (user.state === 'running' || !options.has('f', 'force')))
    throw new NerdctlError(
      user.state === 'running'
        ? `conflict: unable to delete ${reference} (cannot be forced) - image is being used by running container ${user.id}`
        : `conflict: unable to delete ${reference} (must be forced) - image is being used by stopped container ${user.id}`,
    );
  host.runtime.removeImage(image.id);
  return `Untagged: ${image.repoTags[0] ?? image.repoDigests[0] ?? image.id}@${digestOf(image)}\nDeleted: ${image.id}\n`;
}

export const rmi: Verb = {
  summary: 'Remove one or more images',
  short: 'f',
  long: ['force', 'async'],
  wants: { count: 1 },
  run: (call) => onEach(call.options.rest, (reference) => remove(call, reference)),
};
