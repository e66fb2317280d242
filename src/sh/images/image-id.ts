import { createHash } from 'node:crypto';

const NAME_BYTES = 20;

const digest = (text: string | Buffer) => createHash('sha256').update(text).digest();
const mark = (repository: string) => digest(`repository ${repository}`).subarray(0, 4);

/**
 * An image's id, 64 hexadecimal digits that look like any hash's: but from them the repository's mark and the name within it can
 * be read back, so that a later process knows an image by its id alone.
 */
export function imageId(repository: string, name: string): string {
  const key = digest(`image ${repository} ${name}`).subarray(0, 8);
  const text = Buffer.alloc(NAME_BYTES);
  if (Buffer.byteLength(name) <= NAME_BYTES) text.write(name);
  return `sha256:${Buffer.concat([mask(Buffer.concat([mark(repository), text]), key), key]).toString('hex')}`;
}

/** The repository among `repositories` and the name that an id was made of. */
export function imageOfId(
  id: string,
  repositories: Iterable<string>,
): { repository: string; name: string } | undefined {
  const bytes = Buffer.from(id.replace(/^sha256:/, ''), 'hex');
  if (bytes.length !== 32) return undefined;
  const plain = mask(bytes.subarray(0, 24), bytes.subarray(24));
  const name = plain.subarray(4).toString('utf8').replace(/\0+$/, '');
  for (const repository of repositories) {
    if (
      mark(repository).equals(plain.subarray(0, 4)) &&
      imageId(repository, name) === `sha256:${bytes.toString('hex')}`
    )
      return { repository, name };
  }
  return undefined;
}

function mask(bytes: Buffer, key: Buffer): Buffer {
  const stream = digest(key);
  return Buffer.from(bytes.map((byte, index) => byte ^ stream[index]!));
}
