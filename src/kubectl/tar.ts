/** A member of a tar archive. */
export interface TarEntry {
  name: string;
  mode: number;
  type: 'file' | 'directory' | 'symlink';
  /** Where a symlink points. */
  target: string;
  content: Uint8Array;
}

const BLOCK = 512;
const FLAGS: Record<TarEntry['type'], string> = { file: '0', directory: '5', symlink: '2' };
const TYPES: Record<string, TarEntry['type']> = { '0': 'file', '\0': 'file', '2': 'symlink', '5': 'directory' };

/** A ustar header: fields at fixed places, numbers in octal. */
function header({ name, mode, type, target, content }: TarEntry): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => value.toString(8).padStart(width - 1, '0');
  block.write(name, 0, 100);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(type === 'file' ? content.length : 0, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(FLAGS[type], 156);
  block.write(target, 157, 100);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\0 `, 148);
  return block;
}

/** The archive of some members. */
export function packTar(entries: TarEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    const padding = Buffer.alloc((BLOCK - (entry.content.length % BLOCK)) % BLOCK);
    return [header(entry), entry.content, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** The members of an archive; what is neither file, folder nor symlink is passed over. */
export function unpackTar(archive: Uint8Array): TarEntry[] {
  const data = Buffer.from(archive);
  const text = (at: number, length: number) => data.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const entries: TarEntry[] = [];
  for (let at = 0; at + BLOCK <= data.length && data[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12).trim() || '0', 8);
    const prefix = text(at + 257, 6) === 'ustar' ? text(at + 345, 155) : '';
    const type = TYPES[data.toString('latin1', at + 156, at + 157)];
    const name = text(at, 100);
    if (type) {
      entries.push({
        name: prefix ? `${prefix}/${name}` : name,
        mode: Number.parseInt(text(at + 100, 8).trim() || '644', 8),
        type,
        target: text(at + 157, 100),
        content: data.subarray(at + BLOCK, at + BLOCK + size),
      });
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}
