import { goRegExp, goRegExpError } from '../../../base/go-regexp.ts';
import { emitYaml } from '../../../base/yaml/emit.ts';
import type { ImageRecord } from '../../../types/node-runtime.ts';
import { type CliCommand, type CliFlag, UsageError } from '../cli.ts';
import { humanSize, json, shortId, table } from '../format.ts';
import { imagesOf } from '../records.ts';

/** An image as the CRI's ListImages answers it. */
const toCri = (image: ImageRecord) => ({
  id: image.id,
  repoTags: image.repoTags,
  repoDigests: image.repoDigests,
  size: String(image.size),
  username: image.user,
  pinned: image.pinned ?? false,
});

/** `docker.io/library/nginx:1.27` → its repository and tag. */
function splitTag(tag: string): [string, string] {
  const colon = tag.lastIndexOf(':');
  return colon < 0 ? ['<none>', '<none>'] : [tag.slice(0, colon), tag.slice(colon + 1)];
}

/** Whether an image passes a filter: `dangling=true`, `reference=REGULAR EXPRESSION`. */
export function matches(image: ImageRecord, filter: string): boolean {
  const [key, value = ''] = filter.split(/=(.*)/s);
  if (key === 'dangling') return (image.repoTags.length === 0) === (value === 'true');
  if (key === 'reference') {
    const expression = goRegExp(value);
    if (!expression) throw new UsageError(`listing images: ${goRegExpError(value)}`);
    return image.repoTags.some((tag) => expression.test(tag));
  }
  throw new UsageError(`listing images: unsupported filter ${JSON.stringify(key)}`);
}

export const IMAGE_FILTER: CliFlag = {
  name: 'filter',
  alias: 'f',
  type: 'strings',
  usage: [
    'Shows the images that pass:',
    'Available filters: ',
    '* dangling=(boolean - true or false)',
    '* reference=/regular expression/',
    '* before=<image-name>[:<tag>]|<image id>|<image@digest>',
    '* since=<image-name>[:<tag>]|<image id>|<image@digest>',
    'Several can be combined.',
  ].join('\n      '),
};

function verbose(image: ImageRecord): string {
  const lines = [
    `ID: ${image.id}`,
    ...image.repoTags.map((tag) => `RepoTags: ${tag}`),
    ...image.repoDigests.map((digest) => `RepoDigests: ${digest}`),
    ...(image.size ? [`Size: ${image.size}`] : []),
    ...(image.user ? [`Username: ${image.user}`] : []),
  ];
  return `${lines.join('\n')}\n\n`;
}

function imageTable(
  images: ImageRecord[],
  { whole, digests, pinned }: { whole: boolean; digests: boolean; pinned: boolean },
): string {
  const head = ['IMAGE', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE', ...(pinned ? ['PINNED'] : [])];
  const rows = images.flatMap((image) => {
    const digest = image.repoDigests[0]?.split('@sha256:')[1] ?? '<none>';
    const size = humanSize(image.size);
    const tags = image.repoTags.length
      ? image.repoTags.map(splitTag)
      : ([[image.repoDigests[0]?.split('@')[0] ?? '<none>', '<none>']] as const);
    return tags.map(([repository, tag]) => [
      repository,
      tag,
      ...(digests ? [shortId(digest, whole)] : []),
      shortId(image.id, whole),
      size,
      ...(pinned ? [String(image.pinned ?? false)] : []),
    ]);
  });
  return table([head, ...rows]);
}

export const images: CliCommand = {
  name: 'images',
  aliases: ['image', 'img'],
  summary: 'List images',
  service: 'image',
  arguments: '[REPOSITORY[:TAG]]',
  flags: [
    { name: 'digests', type: 'bool', usage: 'Show digests' },
    IMAGE_FILTER,
    { name: 'no-trunc', type: 'bool', usage: 'Show output without truncating the ID' },
    { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|table' },
    { name: 'pinned', type: 'bool', usage: 'Show whether the image is pinned or not' },
    { name: 'quiet', alias: 'q', type: 'bool', usage: 'Only show image IDs' },
    { name: 'verbose', alias: 'v', type: 'bool', usage: 'Show verbose info for images' },
  ],
  run({ host, flags }) {
    const found = flags
      .all('filter')
      .reduce((list, filter) => list.filter((image) => matches(image, filter)), imagesOf(host));
    const answer = { images: found.map(toCri) };
    const text = () => {
      if (flags.text('output') === 'json') return json(answer);
      if (flags.text('output') === 'yaml') return `${emitYaml(answer)}\n`;
      if (flags.has('quiet')) return found.map((image) => `${image.id}\n`).join('');
      if (flags.has('verbose')) return found.map(verbose).join('');
      return imageTable(found, {
        whole: flags.has('no-trunc'),
        digests: flags.has('digests'),
        pinned: flags.has('pinned'),
      });
    };
    return { stdout: text(), stderr: '', code: 0 };
  },
};
