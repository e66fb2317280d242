const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const HOST =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?))*(?::[0-9]+)?';
const REFERENCE = `^((?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`;
/** Digits of the digests that there are, by algorithm. */
const DIGITS: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };
const MAX_NAME = 255;

export interface ImageReference {
  /** With its registry: `docker.io/library/nginx`. */
  repository: string;
  tag?: string;
  digest?: string;
  /** `docker.io/library/nginx:latest`, or with `@sha256:…`. */
  normalised: string;
}

const parsed = new Map<string, ImageReference | undefined>();

/** distribution/reference.ParseNormalizedNamed; undefined if it is no reference. */
export function parseImage(image: string): ImageReference | undefined {
  if (!parsed.has(image)) parsed.set(image, readReference(image));
  return parsed.get(image);
}

/** splitDockerDomain: a first part that could be no part of a name on the Docker Hub is a host. */
function splitHost(name: string): { host: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = isHost && first !== 'index.docker.io' ? first : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  return { host, path: host === 'docker.io' && !path.includes('/') ? `library/${path}` : path };
}

const repositoryOf = (path: string) => path.split(':')[0]!;

/** Why a text is no reference, in the library's words; undefined if it is one. */
export function imageProblem(image: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(image))
    return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  const { host, path } = splitHost(image);
  if (/[A-Z]/.test(repositoryOf(path)))
    return `invalid reference format: repository name (${repositoryOf(path)}) must be lowercase`;
  const [, name, , digest] = new RegExp(REFERENCE).exec(`${host}/${path}`) ?? [];
  if (name === undefined) return 'invalid reference format';
  if (name.length > MAX_NAME) return `repository name must not be more than ${MAX_NAME} characters`;
  if (digest === undefined) return undefined;
  const [algorithm = '', digits = ''] = digest.split(':');
  if (DIGITS[algorithm] === undefined) return 'unsupported digest algorithm';
  if (digits.length !== DIGITS[algorithm]) return 'invalid checksum digest length';
  return digits === digits.toLowerCase() ? undefined : 'invalid checksum digest format';
}

function readReference(image: string): ImageReference | undefined {
  if (imageProblem(image) !== undefined) return undefined;
  const { host, path } = splitHost(image);
  const [, repository, tag, digest] = new RegExp(REFERENCE).exec(`${host}/${path}`) as unknown as [
    string,
    string,
    string | undefined,
    string | undefined,
  ];
  const shownTag = tag ?? (digest ? undefined : 'latest');
  return {
    repository,
    ...(shownTag && { tag: shownTag }),
    ...(digest && { digest }),
    normalised: `${repository}${digest ? `@${digest}` : `:${shownTag}`}`,
  };
}
