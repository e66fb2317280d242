import { readJsonAsset } from '../../../base/assets.ts';
import { goJson, type JsonValue } from '../../../base/go-json.ts';
import { emitYaml } from '../../../base/yaml/emit.ts';
import { CNI_MISSING, cniConfiguration } from '../../cni.ts';
import type { NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, UsageError } from '../cli.ts';
import { humanSize, nanos } from '../format.ts';
import { imagesOf } from '../records.ts';

export const TEMPLATE: CliFlag = {
  name: 'template',
  type: 'string',
  usage: 'A Go template; needs --output go-template',
};

const sorted = (value: unknown): string => `${goJson(value, { indent: '  ', sortKeys: true })}\n`;

const compact = (value: unknown): string => goJson(value as JsonValue, { sortKeys: true });

const LOOPBACK_SOURCE =
  '{\n"cniVersion": "0.3.1",\n"name": "cni-loopback",\n"plugins": [{\n  "type": "loopback"\n}]\n}';

/** A plugin of a network configuration as containerd shows it: what it knows of it, and the text. */
function pluginOf(plugin: Record<string, unknown>): unknown {
  const ipam = plugin.ipam as { type?: string } | undefined;
  return {
    Network: {
      ...(plugin.capabilities !== undefined && { capabilities: plugin.capabilities }),
      dns: {},
      ipam: ipam?.type ? { type: ipam.type } : {},
      type: plugin.type,
    },
    Source: compact(plugin),
  };
}

function networks(host: NodeHost): unknown[] {
  const loopback = {
    Config: {
      CNIVersion: '0.3.1',
      Name: 'cni-loopback',
      Plugins: [{ Network: { dns: {}, ipam: {}, type: 'loopback' }, Source: '{"type":"loopback"}' }],
      Source: LOOPBACK_SOURCE,
    },
    IFName: 'lo',
  };
  const own = cniConfiguration(host);
  if (!own) return [loopback];
  return [
    loopback,
    {
      Config: { CNIVersion: own.cniVersion, Name: own.name, Plugins: own.plugins.map(pluginOf), Source: own.source },
      IFName: 'eth0',
    },
  ];
}

/** What the runtime says of itself. `verbose`: its configuration too. */
function runtimeStatus(host: NodeHost, verbose: boolean): Record<string, unknown> {
  const ready = cniConfiguration(host) !== undefined;
  const status = {
    conditions: [
      { message: '', reason: '', status: true, type: 'RuntimeReady' },
      {
        message: ready ? '' : CNI_MISSING,
        reason: ready ? '' : 'NetworkPluginNotReady',
        status: ready,
        type: 'NetworkReady',
      },
    ],
  };
  if (!verbose) return { status };
  const { plugin } = readJsonAsset<{ plugin: Record<string, unknown> & { cni: { binDir: string; confDir: string } } }>(
    'fixtures/node/containerd.json',
  );
  const load = ready
    ? 'OK'
    : 'cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config';
  const version = host.record().containerRuntimeVersion.split('://')[1];
  return {
    cniconfig: {
      Networks: networks(host),
      PluginConfDir: plugin.cni.confDir,
      PluginDirs: [plugin.cni.binDir],
      PluginMaxConfNum: 1,
      Prefix: 'eth',
    },
    config: {
      ...plugin,
      registry: { ...(plugin.registry as object), headers: { 'User-Agent': [`containerd/${version}`] } },
    },
    golang: 'go1.19.8',
    lastCNILoadStatus: load,
    'lastCNILoadStatus.default': load,
    'lastCNILoadStatus.runc': load,
    status,
  };
}

const info: CliCommand = {
  name: 'info',
  summary: 'Display information of the container runtime',
  flags: [
    {
      name: 'output',
      alias: 'o',
      type: 'string',
      usage: 'Output format, One of: json|yaml|go-template',
      default: '"json"',
    },
    { name: 'quiet', alias: 'q', type: 'bool', usage: 'Leave out what the runtime says of its configuration' },
    TEMPLATE,
  ],
  async run({ host, flags }) {
    const value = runtimeStatus(host, !flags.has('quiet'));
    const output = flags.text('output');
    if (output === 'yaml') return { stdout: `${emitYaml(value)}\n`, stderr: '', code: 0 };
    if (output === 'go-template') {
      const { executeTemplate } = await import('../../../base/go-template/index.ts');
      return { stdout: `${executeTemplate(flags.text('template') ?? '', value)}\n`, stderr: '', code: 0 };
    }
    return { stdout: sorted(value), stderr: '', code: 0 };
  },
};

/** What an image's snapshot takes beyond its layers, and how many files it has: about that of a small one. */
const INODES_PER_MEGABYTE = 90;

const imagefsinfo: CliCommand = {
  name: 'imagefsinfo',
  summary: 'Return image filesystem info',
  service: 'image',
  flags: [
    { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|go-template|table' },
    TEMPLATE,
  ],
  async run({ host, flags }) {
    const used = imagesOf(host).reduce((sum, image) => sum + image.size, 0);
    const inodes = Math.round((used / 1e6) * INODES_PER_MEGABYTE);
    const timestamp = nanos(host.now());
    const mountpoint = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs';
    const filesystem = {
      fsId: { mountpoint },
      inodesUsed: { value: String(inodes) },
      timestamp,
      usedBytes: { value: String(used) },
    };
    const value = { status: { containerFilesystems: [], imageFilesystems: [filesystem] } };
    const output = flags.text('output');
    if (output === 'table') {
      const lines = [
        'Container Filesystem ',
        'Image Filesystem ',
        `TimeStamp[0]: ${timestamp}`,
        `Disk[0]: ${humanSize(used, 4)}`,
        `Inodes[0]: ${inodes}`,
        `Mountpoint[0]: ${mountpoint}`,
      ];
      return { stdout: `${lines.join('\n')}\n`, stderr: '', code: 0 };
    }
    if (output === 'yaml') return { stdout: `${emitYaml(value)}\n`, stderr: '', code: 0 };
    if (output === 'go-template') {
      const { executeTemplate } = await import('../../../base/go-template/index.ts');
      return { stdout: `${executeTemplate(flags.text('template') ?? '', value)}\n`, stderr: '', code: 0 };
    }
    if (output && output !== 'json')
      throw new UsageError(`get image filesystem info: unsupported output format ${JSON.stringify(output)}`);
    return { stdout: sorted(value), stderr: '', code: 0 };
  },
};

export const information: CliCommand[] = [info, imagefsinfo];
