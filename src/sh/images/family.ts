import type { Daemon, Machine } from '../process.ts';

/** What stands in the file system of an image besides its own: a distribution. */
export interface Base {
  flavour: Machine['flavour'];
  /** Names of programs by the folder that they are in. */
  programs?: Record<string, string[]>;
  files?: Record<string, string>;
  /** The version of busybox that its programs are applets of. */
  busybox?: string;
  /** Another base below this one. */
  base?: string;
}

/** What an image is made of; a variant's fields stand over those of its family. */
export interface ImageSpec {
  base?: string;
  /** Bytes, compressed, as the runtime reports them. */
  size?: number;
  entrypoint?: string[];
  cmd?: string[];
  env?: Record<string, string>;
  user?: string;
  workdir?: string;
  stopSignal?: string;
  busybox?: string;
  /** Programs that are not busybox's, although the rest are: `nslookup` of bind. */
  packages?: string[];
  /** Paths of programs of its own. */
  programs?: string[];
  files?: Record<string, string>;
  daemons?: Record<string, Daemon>;
}

/** One repository of fixtures/images. `{version}` in any text is the version that the tag stands for. */
export interface ImageFamily extends ImageSpec {
  /** `docker.io/library/nginx`; several names share what is said of them. */
  names: string[];
  /** Tags that exist: as they are, or `/a regular expression/` for the whole tag. */
  tags: string[];
  /** The version behind tags that are not one themselves: `latest`. */
  versions?: Record<string, string>;
  variants?: (ImageSpec & { tags: string[] })[];
}

/** A file of fixtures/images. */
export interface ImageFixture {
  bases?: Record<string, Base>;
  images?: ImageFamily[];
}
