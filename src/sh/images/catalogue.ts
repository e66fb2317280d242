import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, readJsonAsset } from '../../base/assets.ts';
import type { Daemon, FileSystem, Machine } from '../process.ts';
import type { Base, ImageFamily, ImageFixture, ImageSpec } from './family.ts';
import { ImageFiles } from './image-files.ts';
import { imageId, imageOfId } from './image-id.ts';

/** What a registry holds under one reference. */
export interface RegistryImage {
  /** `sha256:…` of its configuration. */
  id: string;
  /** `docker.io/library/nginx` */
  repository: string;
  /** `sha256:…` of its manifest. */
  digest: string;
  /** Bytes, as the runtime reports them. */
  size: number;
  user: string;
  entrypoint: string[];
  cmd: string[];
  env: Record<string, string>;
  cwd: string;
  stopSignal?: string;
  flavour: Machine['flavour'];
  busybox?: string;
  packages?: string[];
}

/** An image as a registry gives it, and what is in it. */
export interface ImageDefinition {
  image: RegistryImage;
  files: FileSystem;
  daemons?: Record<string, Daemon>;
}

/** What a cluster's configuration says of an image: `images` of cluster.yaml. */
export interface ConfiguredImage {
  /** `docker.io/library/nginx` */
  name: string;
  tags?: string[];
  /** `server` logs `logs` and serves a page on port 80; `shell` is a busybox. Without it: as in the fixtures. */
  behaviour?: string;
  logs?: string[];
}

/** How a registry differs from the one that ships with kubemu. */
export interface RegistryOptions {
  /** It knows these alone. */
  only?: ConfiguredImage[];
  /** It knows these as well. */
  added?: ImageFixture[];
  /** It has whatever is asked for; answers the repositories that were asked for so far. */
  unknown?(): Iterable<string>;
}

/** An image of which nobody says what it does: it stays, and is silent. */
const UNKNOWN: Omit<ImageFamily, 'names'> = {
  tags: ['/.*/'],
  base: 'debian',
  size: 48_000_000,
  entrypoint: ['/entrypoint'],
  daemons: { entrypoint: { signals: { TERM: { code: 143 } } } },
};

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const tagMatches = (pattern: string, tag: string) =>
  /^\/.*\/$/.test(pattern) ? new RegExp(`^(?:${pattern.slice(1, -1)})$`).test(tag) : pattern === tag;

/** `repository`, tag and digest of a normalised reference. */
function split(reference: string): { repository: string; tag?: string; digest?: string } {
  const [name, digest] = reference.split('@') as [string, string?];
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  return {
    repository: tagged ? name.slice(0, colon) : name,
    ...(tagged && { tag: name.slice(colon + 1) }),
    ...(digest && { digest }),
  };
}

/** A spec with `{version}` filled in everywhere. */
const withVersion = <T>(value: T, version: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll('{version}', version)) as T;

/** The images of a registry: families, bases, and what makes them into images. */
export class ImageCatalogue {
  /** By repository and name. */
  readonly #made = new Map<string, ImageDefinition>();
  /** What ids were found to be: going through every family for one takes long. */
  readonly #ids = new Map<string, ReturnType<typeof imageOfId>>();
  #known?: { bases: Record<string, Base>; families: Map<string, ImageFamily> };

  /** `load` is called once an image is asked for. */
  constructor(
    private readonly load: () => ImageFixture[],
    private readonly options: RegistryOptions = {},
  ) {}

  get #content(): { bases: Record<string, Base>; families: Map<string, ImageFamily> } {
    if (this.#known) return this.#known;
    const { only, added } = this.options;
    const fixtures = [...this.load(), ...(added ?? [])];
    const all = fixtures
      .flatMap(({ images }) => images ?? [])
      .flatMap((family) => family.names.map((name) => [name, family] as const));
    const families = new Map(all);
    const named = only?.map((image) => [image.name, configured(image, families.get(image.name))] as const);
    const bases = Object.assign({}, ...fixtures.map((fixture) => fixture.bases ?? {})) as Record<string, Base>;
    this.#known = { bases, families: named ? new Map(named) : families };
    return this.#known;
  }

  get #families(): Map<string, ImageFamily> {
    return this.#content.families;
  }

  /** By `docker.io/library/nginx:1.27`, or with `@sha256:…`; undefined if no registry has it. */
  find(reference: string): ImageDefinition | undefined {
    const { repository, tag, digest } = split(reference);
    const family = this.#family(repository);
    if (!family) return undefined;
    if (digest)
      return this.#plainTags(family)
        .map((name) => this.#tagged(repository, name))
        .find(({ image }) => image.digest === digest);
    return tag !== undefined && this.#hasTag(family, tag) ? this.#tagged(repository, tag) : undefined;
  }

  /** Why `find` finds nothing. */
  lack(reference: string): 'repository' | 'tag' | 'closed' {
    if (this.options.only) return 'closed';
    return this.#families.has(split(reference).repository) ? 'tag' : 'repository';
  }

  /** What is said of a repository; where everything may be pulled, the unknown ones are silent. */
  #family(repository: string): ImageFamily | undefined {
    const known = this.#families.get(repository);
    if (known || !this.options.unknown) return known;
    const family: ImageFamily = { names: [repository], ...UNKNOWN };
    this.#families.set(repository, family);
    return family;
  }

  /** By the id of its configuration. */
  byId(id: string): ImageDefinition | undefined {
    if (!this.#ids.has(id))
      this.#ids.set(id, imageOfId(id, [...this.#families.keys(), ...(this.options.unknown?.() ?? [])]));
    const found = this.#ids.get(id);
    if (!found) return undefined;
    const [version, variant] = found.name.split('\x01') as [string, string?];
    return this.#make(found.repository, version, variant === undefined ? -1 : Number(variant));
  }

  #plainTags({ tags, variants = [] }: ImageFamily): string[] {
    return [...tags, ...variants.flatMap((variant) => variant.tags)].filter((tag) => !tag.startsWith('/'));
  }

  #hasTag(family: ImageFamily, tag: string): boolean {
    const tags = [...family.tags, ...(family.variants ?? []).flatMap((variant) => variant.tags)];
    return tags.some((pattern) => tagMatches(pattern, tag));
  }

  /** The image that a tag stands for; tags of one version and variant share it. */
  #tagged(repository: string, tag: string): ImageDefinition {
    const { versions, variants = [] } = this.#family(repository)!;
    const number = /v?[0-9]+(\.[0-9]+)*(-[0-9]+$)?/.exec(tag)?.[0];
    const version =
      versions?.[tag] ?? (number && (versions?.[number] ?? number)) ?? versions?.latest ?? tag.slice(0, 16);
    return this.#make(
      repository,
      version,
      variants.findIndex(({ tags }) => tags.some((pattern) => tagMatches(pattern, tag))),
    );
  }

  #make(repository: string, version: string, variant: number): ImageDefinition {
    const name = variant < 0 ? version : `${version}\x01${variant}`;
    const key = `${repository} ${name}`;
    const old = this.#made.get(key);
    if (old) return old;
    const id = imageId(repository, name);
    const family = this.#family(repository)!;
    const own = family.variants?.[variant];
    const spec: ImageSpec = {
      ...family,
      ...own,
      daemons: { ...family.daemons, ...own?.daemons },
      env: { ...family.env, ...own?.env },
      files: { ...family.files, ...own?.files },
    };
    const made = this.#build(repository, key, id, withVersion(spec, version));
    this.#made.set(key, made);
    return made;
  }

  #build(repository: string, key: string, id: string, spec: ImageSpec): ImageDefinition {
    const bases: Base[] = [];
    for (let name = spec.base; name; name = this.#content.bases[name]?.base) {
      const base = this.#content.bases[name];
      if (!base) throw new Error(`image ${key}: there is no base "${name}"`);
      bases.unshift(base);
    }
    const programs = bases.flatMap((base) =>
      Object.entries(base.programs ?? {}).flatMap(([folder, names]) => names.map((name) => `${folder}/${name}`)),
    );
    const texts: Record<string, string> = Object.assign({}, ...bases.map(({ files }) => files ?? {}), spec.files);
    const entrypoint = spec.entrypoint ?? [];
    const own = [...(spec.programs ?? [])];
    const first = entrypoint[0] ?? spec.cmd?.[0];
    if (first?.startsWith('/') && texts[first] === undefined) own.push(first);
    const busybox = spec.busybox ?? bases.at(-1)?.busybox;
    const hash = Number.parseInt(id.slice(7, 15), 16);
    return {
      image: {
        id,
        repository,
        digest: sha256(`manifest ${key}`),
        size: (spec.size ?? 20_000_000) + (hash % 100_000),
        user: spec.user ?? '',
        entrypoint,
        cmd: spec.cmd ?? [],
        env: { PATH, ...spec.env },
        cwd: spec.workdir ?? '/',
        ...(spec.stopSignal && { stopSignal: spec.stopSignal }),
        flavour: bases.at(-1)?.flavour ?? 'busybox',
        ...(busybox && { busybox }),
        ...(spec.packages && { packages: spec.packages }),
      },
      files: new ImageFiles(texts, [...programs, ...own]),
      ...(Object.keys(spec.daemons ?? {}).length > 0 && { daemons: spec.daemons }),
    };
  }
}

/** An image as a cluster's configuration describes it. */
function configured(
  { name, tags = ['latest'], behaviour, logs = [] }: ConfiguredImage,
  known: ImageFamily | undefined,
): ImageFamily {
  const base = { names: [name], tags };
  if (behaviour === 'shell')
    return { ...base, base: 'busybox', size: 2_200_000, cmd: ['sh'], env: { PATH: '/bin:/usr/bin' } };
  if (behaviour === 'server') {
    const server: Daemon = {
      logs: logs.map((text) => ({ text, stream: 'stdout' as const })),
      ports: [80],
      http: { root: '/usr/share/nginx/html', server: 'nginx' },
      signals: { TERM: { code: 0 }, QUIT: { code: 0 }, INT: { code: 0 } },
    };
    return {
      ...base,
      base: 'busybox',
      size: 3_100_000,
      entrypoint: ['/docker-entrypoint.sh'],
      cmd: ['nginx', '-g', 'daemon off;'],
      env: { PATH: '/bin:/usr/bin' },
      programs: ['/usr/bin/nginx'],
      files: {
        '/docker-entrypoint.sh': '#!/bin/sh\nexec "$@"\n',
        '/usr/share/nginx/html/index.html':
          known?.files?.['/usr/share/nginx/html/index.html'] ?? '<html><body><h1>It works!</h1></body></html>\n',
      },
      daemons: { nginx: server },
    };
  }
  return { ...(known ?? { base: 'busybox', cmd: ['sh'] }), ...base };
}

/** The images that ship with kubemu, and what a cluster's configuration says of others. */
export function imageCatalogue(options: RegistryOptions = {}): ImageCatalogue {
  const folder = 'dist/data/images';
  const load = () =>
    readdirSync(join(packageRoot(), folder))
      .sort()
      .map((name) => readJsonAsset<ImageFixture>(`${folder}/${name}`));
  return new ImageCatalogue(load, options);
}
