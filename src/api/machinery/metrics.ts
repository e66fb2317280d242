import type { ApiResponse } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { checksOf, versionOf } from './health.ts';

interface Metric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  samples: [labels: Record<string, string>, value: number][];
}

function written({ name, help, type, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => {
    const texts = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${texts.length > 0 ? `{${texts.join(',')}}` : ''} ${value}`;
  });
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`;
}

/** What the API server can say of itself without having counted: which version it is, what is stored. */
function ownMetrics({ store, kubernetesVersion }: ApiWorld): Metric[] {
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = versionOf(
    kubernetesVersion,
  ) as Record<string, string | undefined>;
  const build = {
    build_date: buildDate ?? '',
    compiler: compiler ?? '',
    git_commit: gitCommit ?? '',
    git_tree_state: gitTreeState ?? '',
    git_version: gitVersion ?? '',
    go_version: goVersion ?? '',
    major: major ?? '',
    minor: minor ?? '',
    platform: platform ?? '',
  };
  return [
    {
      name: 'apiserver_storage_objects',
      help: '[STABLE] Number of stored objects at the time of last check split by kind.',
      type: 'gauge',
      samples: store
        .resources()
        .sort()
        .map((resource) => [{ resource }, store.list(resource).length]),
    },
    {
      name: 'kubernetes_build_info',
      help: '[ALPHA] Labels of this value say which build of Kubernetes this is.',
      type: 'gauge',
      samples: [[build, 1]],
    },
  ];
}

const healthMetric = (): Metric => ({
  name: 'kubernetes_healthcheck',
  help: '[STABLE] Whether each health check passes: 1, or 0.',
  type: 'gauge',
  samples: ['healthz', 'livez', 'readyz'].flatMap((type) =>
    checksOf(type).map((name): Metric['samples'][number] => [{ name, type }, 1]),
  ),
});

/** /metrics and /metrics/slis; undefined for other paths. Requests are not counted. */
export function metrics(world: ApiWorld, path: string): ApiResponse | undefined {
  if (path !== '/metrics' && path !== '/metrics/slis') return undefined;
  const told = path === '/metrics' ? [...ownMetrics(world), healthMetric()] : [healthMetric()];
  return {
    status: 200,
    contentType: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    warnings: [],
    body: told.map(written).join(''),
  };
}
