/** version.Info as Go orders it. */
export interface VersionInfo {
  major: string;
  minor: string;
  gitVersion: string;
  [field: string]: string;
}

/** What kubectl answers as its own version: the build that a new cluster's server has. */
export const CLIENT: VersionInfo = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.13',
  gitCommit: '2df3632e823a813f64218dfc6f5c2e70d28ecdf0',
  gitTreeState: 'clean',
  buildDate: '2026-08-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** `kubectl/v1.33.13 (linux/amd64) kubernetes/2df3632` */
export const USER_AGENT = `kubectl/${CLIENT.gitVersion} (${CLIENT.platform}) kubernetes/${CLIENT.gitCommit!.slice(0, 7)}`;
