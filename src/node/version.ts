/** version.Info of a Kubernetes binary of that version, as its build stamped it. */
export function buildInfo(version: string): Record<string, string> {
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
