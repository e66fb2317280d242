import type { NodeHost } from '../host.ts';
import { cniFiles } from './cni.ts';
import { etcFiles } from './etc.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { logFiles } from './logs.ts';
import { pkiFiles } from './pki.ts';
import { procFiles } from './proc.ts';

/** A file that is made when it is read. */
export type Rendered = () => string;

/** Files of a machine by absolute path; a value that begins with `->` is a symbolic link. */
export type FileTable = Record<string, Rendered>;

/** What a machine's disk holds before anybody has changed it: the operating system's files, systemd's, and Kubernetes'. */
export const nodeFiles = (host: NodeHost): FileTable => ({
  ...etcFiles(host),
  ...cniFiles(host),
  ...kubernetesFiles(host),
  ...logFiles(host),
  ...pkiFiles(host),
  ...procFiles(host),
});
