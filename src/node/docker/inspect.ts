import { findImage } from '../crictl/records.ts';
import type { NodeHost } from '../host.ts';
import { builtAt, containerNamed, type DockerContainer, DockerError, familiar } from './model.ts';

const time = (ms: number | undefined): string =>
  ms === undefined ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString().replace('Z', '000000Z');

function containerDocument({ record, sandbox, ...container }: DockerContainer): Record<string, unknown> {
  const { id, name, argv, createdAt, startedAt, finishedAt, state, exitCode, pid, imageID, image } = container;
  const running = state === 'running';
  const [path = '', ...args] = argv;
  return {
    Id: id,
    Created: time(createdAt),
    Path: path,
    Args: args,
    State: {
      Status: state,
      Running: running,
      Paused: false,
      Restarting: false,
      OOMKilled: record?.reason === 'OOMKilled',
      Dead: false,
      Pid: running ? pid : 0,
      ExitCode: exitCode,
      Error: '',
      StartedAt: time(startedAt),
      FinishedAt: time(running ? undefined : finishedAt),
    },
    Image: imageID,
    ResolvConfPath: `/var/lib/docker/containers/${sandbox?.id ?? id}/resolv.conf`,
    HostnamePath: `/var/lib/docker/containers/${sandbox?.id ?? id}/hostname`,
    HostsPath: `/var/lib/docker/containers/${sandbox?.id ?? id}/hosts`,
    LogPath: `/var/lib/docker/containers/${id}/${id}-json.log`,
    Name: `/${name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: {
      Binds:
        record?.mounts.map(
          ({ hostPath, containerPath, readOnly }) => `${hostPath}:${containerPath}${readOnly ? ':ro' : ''}`,
        ) ?? null,
      NetworkMode: record ? `container:${sandbox?.id}` : sandbox?.hostNetwork ? 'host' : 'none',
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    },
    Mounts: (record?.mounts ?? []).map(({ hostPath, containerPath, readOnly }) => ({
      Type: 'bind',
      Source: hostPath,
      Destination: containerPath,
      Mode: readOnly ? 'ro' : '',
      RW: !readOnly,
      Propagation: 'rprivate',
    })),
    Config: {
      Hostname: sandbox?.hostname ?? '',
      User: record?.user ?? '65535:65535',
      Env: Object.entries(container.env).map(([key, value]) => `${key}=${value}`),
      Cmd: args.length > 0 ? args : null,
      Image: image,
      WorkingDir: record?.cwd ?? '/',
      Entrypoint: path ? [path] : null,
      Labels: container.labels,
    },
    NetworkSettings: { IPAddress: '', Networks: {} },
  };
}

function imageDocument(host: NodeHost, reference: string): Record<string, unknown> | undefined {
  const image = findImage(host, reference);
  if (!image) return undefined;
  const config = host.runtime.imageConfig(image.id);
  return {
    Id: image.id,
    RepoTags: image.repoTags.map(familiar),
    RepoDigests: image.repoDigests.map(familiar),
    Created: time(builtAt(host, image)),
    Config: {
      User: image.user,
      Env: Object.entries(config?.env ?? {}).map(([key, value]) => `${key}=${value}`),
      Cmd: config?.cmd ?? null,
      WorkingDir: config?.cwd ?? '/',
      Entrypoint: config?.entrypoint ?? null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: image.size,
  };
}

/** What `docker inspect` tells of a container or of an image; undefined if there is neither. */
export function documentOf(host: NodeHost, reference: string): Record<string, unknown> | undefined {
  try {
    return containerDocument(containerNamed(host, reference));
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    return imageDocument(host, reference);
  }
}
