/** version.Info as Go orders it. */
export interface BuildInfo {
  major: string;
  minor: string;
  gitVersion: string;
  gitCommit: string;
  [field: string]: string;
}

/** version.Info of a Kubernetes binary of that version (`v1.33.13`), as its build stamped it. */
export function buildInfo(version: string): BuildInfo {
  const [, major = '1', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  return {
    major,
    minor,
    gitVersion: version,
    gitCommit: '2df3632e823a813f64218dfc6f5c2e70d28ecdf0',
    gitTreeState: 'clean',
    buildDate: '2026-08-01T00:00:00Z',
    goVersion: 'go1.26.8',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
