import { parseImage } from '../kubelet/image-reference.ts';
import type { ImageFixture } from '../sh/images/family.ts';
import { checkShape, type Shape } from './shape.ts';

const text: Shape = { type: 'string' };
const texts: Shape = { type: 'list', of: text };
const textMap: Shape = { type: 'map', of: text };
const flag: Shape = { type: 'boolean' };
const number: Shape = { type: 'integer' };

const logs: Shape = {
  type: 'list',
  of: {
    type: 'object',
    fields: { text, stream: { type: 'one of', values: ['stdout', 'stderr'] }, after: number },
    required: ['text'],
  },
};

const http: Shape = {
  type: 'object',
  fields: {
    tls: flag,
    root: text,
    listing: flag,
    server: text,
    paths: {
      type: 'map',
      of: { type: 'object', fields: { status: number, type: text, body: text }, required: ['body'] },
    },
    notFound: text,
    access: text,
  },
};

const daemon: Shape = {
  type: 'object',
  fields: {
    logs,
    ports: { type: 'list', of: number },
    http,
    signals: { type: 'map', of: { type: 'object', fields: { code: number, logs }, required: ['code'] } },
    exit: { type: 'object', fields: { after: number, code: number }, required: ['after', 'code'] },
    answers: { type: 'map', of: { type: 'object', fields: { stdout: text, stderr: text, code: number } } },
    memory: number,
  },
};

const spec: Record<string, Shape> = {
  base: { type: 'one of', values: ['none', 'busybox', 'alpine', 'gnu', 'debian', 'ubuntu'] },
  size: number,
  entrypoint: texts,
  cmd: texts,
  env: textMap,
  user: text,
  workdir: text,
  stopSignal: text,
  programs: texts,
  files: textMap,
  daemons: { type: 'map', of: daemon },
};

const family: Shape = {
  type: 'object',
  fields: {
    names: texts,
    tags: texts,
    versions: textMap,
    variants: { type: 'list', of: { type: 'object', fields: { tags: texts, ...spec }, required: ['tags'] } },
    ...spec,
  },
  required: ['names'],
};

/** A file of images: the form of fixtures/images. */
export const IMAGES_SHAPE: Shape = {
  type: 'object',
  fields: { images: { type: 'list', of: family } },
  required: ['images'],
};

/** Images as a person writes them, or what is wrong with them. */
export function readImages(value: unknown): ImageFixture | { problems: string[] } {
  const problems = checkShape(value, IMAGES_SHAPE, '');
  return problems.length > 0 ? { problems } : wholeImages(value as ImageFixture);
}

/** Images with what people leave out: the registry of their names; every tag, and busybox below, where nothing is said. */
export const wholeImages = ({ images = [] }: ImageFixture): ImageFixture => ({
  images: images.map((image) => ({
    ...{ base: 'busybox', ...image },
    tags: image.tags ?? ['/.*/'],
    names: image.names.map((name) => parseImage(name)?.repository ?? name),
  })),
});
