import type { CommandContext, CommandResult } from '../sh/process.ts';
import type { Section, State } from '../store/section.ts';
import { type LogRecord, type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject } from '../types/objects.ts';
import type { MachineFacts, NodeHost } from './host.ts';

/** A State in memory, for tests. */
export function memoryState(): State {
  const sections = new Map<string, Map<string, unknown>>();
  return {
    sections: () => [...sections.keys()].sort(),
    section<T>(name: string): Section<T> {
      const map = sections.get(name) ?? new Map<string, unknown>();
      sections.set(name, map);
      return {
        get: (key) => map.get(key) as T | undefined,
        set: (key, value) => void map.set(key, value),
        delete: (key) => void map.delete(key),
        has: (key) => map.has(key),
        mentions: () => true,
        keys: (prefix = '') => [...map.keys()].filter((key) => key.startsWith(prefix)).sort(),
      };
    },
  };
}

const RECORD: MachineRecord = {
  name: 'node-1',
  internalIP: '192.168.50.11',
  roles: [],
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  kernelVersion: '6.1.0-18-amd64',
  containerRuntimeVersion: 'containerd://1.6.20',
  kubeletVersion: 'v1.33.13',
  capacity: { cpu: '2', memory: '4026532Ki' },
  machineID: '0123456789abcdef0123456789abcdef',
  systemUUID: '01234567-89ab-cdef-0123-456789abcdef',
  bootID: '01234567-89ab-cdef-0123-456789abcdef',
  bootedAt: Date.UTC(2026, 10, 21),
  kubelet: { active: true, since: Date.UTC(2026, 10, 21) },
};

const MACHINE: MachineFacts = { systemd: 252, unitFolder: '/lib/systemd/system' };

/** A disk with nothing but the kubelet's program and crictl's configuration. */
const NO_FILES = {
  read: () => 'runtime-endpoint: unix:///run/containerd/containerd.sock\n',
  stat: (path: string) => (path === '/usr/bin/kubelet' ? { type: 'file', size: 1, mode: 0o755, mtime: 0 } : undefined),
} as unknown as NodeHost['files'];

/** A machine `node-1` that no cluster stands behind, for tests of the programs on it. */
export function testHost({
  now = Date.UTC(2026, 10, 21, 1),
  machine = MACHINE,
  record = {},
  objects = {},
}: {
  now?: number;
  machine?: MachineFacts;
  record?: Partial<MachineRecord>;
  objects?: Record<string, KubeObject[]>;
} = {}) {
  const state = memoryState();
  const changes: string[] = [];
  const records = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  records.set('node-1', { ...RECORD, ...record });
  const unavailable = () => {
    throw new Error('no runtime behind this machine');
  };
  const host = {
    name: 'node-1',
    node: () => undefined,
    machine,
    record: () => records.get('node-1')!,
    setRecord: (change: Partial<MachineRecord>) => records.set('node-1', { ...records.get('node-1')!, ...change }),
    files: NO_FILES,
    shipped: {},
    runtime: {
      exec: unavailable,
      log: (id: string) => state.section<LogRecord>(RUNTIME_SECTIONS.logs).get(id),
      usage: () => undefined,
      imageConfig: () => undefined,
      pullImage: unavailable,
      removeImage: unavailable,
      stopContainer: unavailable,
      removeContainer: unavailable,
      stopSandbox: unavailable,
      removeSandbox: unavailable,
    },
    apiServer: () => ({ url: 'https://192.168.50.10:6443', answers: true }),
    etcd: { dump: () => ({ revision: 1, keys: 0, text: '' }), keys: () => [], value: () => '' },
    state,
    now: () => now,
    get: () => undefined,
    list: (resource: string) => (objects[resource] ?? []) as never[],
    client: { under: (resource: string) => objects[resource] ?? [] },
    changed: (what: string) => void changes.push(what),
  } as unknown as NodeHost;
  /** Calls a program that answers at once. */
  const run = (
    program: (context: CommandContext) => CommandResult | Promise<CommandResult>,
    context: Partial<CommandContext>,
  ): CommandResult =>
    program({
      argv: [],
      env: {},
      cwd: '/',
      user: 'root',
      stdin: '',
      machine: { flavour: 'bash' } as never,
      ...context,
    }) as CommandResult;
  return { host, run, state, changes };
}
