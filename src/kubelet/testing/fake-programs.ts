import {
  type FileStat,
  type FileSystem,
  FsError,
  type Machine,
  type ProcessState,
  type StepResult,
} from '../../sh/process.ts';
import type { Programs, RegistryImage } from '../platform.ts';

/** The state of a fake process: the commands left, and whether TERM is ignored. */
interface Script {
  left: string[];
  deaf: boolean;
  sleeping?: string;
  server?: boolean;
}

const image = (name: string, digit: string, more: Partial<RegistryImage> = {}): RegistryImage => ({
  id: `sha256:${digit.repeat(64)}`,
  repository: `docker.io/library/${name}`,
  digest: `sha256:${digit.repeat(64)}`,
  size: 1_088_000,
  user: '',
  entrypoint: [],
  cmd: ['sh'],
  env: {},
  cwd: '/',
  flavour: 'busybox',
  ...more,
});

const NGINX = image('nginx', 'a', { entrypoint: ['/docker-entrypoint.sh'], cmd: ['nginx', '-g', 'daemon off;'] });
const BUSYBOX = image('busybox', 'b');
const KNOWN: Record<string, RegistryImage> = {
  'docker.io/library/nginx:1.27': NGINX,
  'docker.io/library/nginx:1.28': { ...NGINX, id: `sha256:${'c'.repeat(64)}` },
  'docker.io/library/busybox:1.36': BUSYBOX,
};
const BY_ID = new Map(Object.values(KNOWN).map((known) => [known.id, known]));

const NO_FILES: FileSystem = {
  read: (path) => {
    throw new FsError('ENOENT', path);
  },
  write: () => {},
  list: () => ['tmp', 'etc', 'dev'],
  stat: (path): FileStat | undefined =>
    ['/', '/tmp', '/etc', '/dev'].includes(path) ? { type: 'directory', size: 0, mode: 0o755, mtime: 0 } : undefined,
  makeDir: () => {},
  remove: () => {},
  symlink: () => {},
  chmod: () => {},
};

/** Words of the little language: `echo x; sleep 1; touch /f; cat /f; exit 3; trap; forever`. */
function run(process: ProcessState, machine: Machine): StepResult {
  const script = process.machine as Script;
  const output: StepResult['output'] = [];
  const write = (stream: 'stdout' | 'stderr', text: string) => output.push({ stream, text, at: machine.now() });
  const next = (left: string[], more: Partial<Script> = {}) => ({ ...process, machine: { ...script, ...more, left } });
  let { left, deaf } = script;
  while (left.length > 0) {
    const [verb = '', ...rest] = left[0]!.split(' ');
    const argument = rest.join(' ');
    left = left.slice(1);
    if (verb === 'echo') write('stdout', `${argument}\n`);
    else if (verb === 'touch') machine.files.write(argument, '');
    else if (verb === 'rm') machine.files.remove(argument);
    else if (verb === 'env')
      for (const [key, value] of Object.entries(process.env)) write('stdout', `${key}=${value}\n`);
    else if (verb === 'trap') deaf = true;
    else if (verb === 'exit') return { process: next(left), output, exit: { code: Number(argument) } };
    else if (verb === 'forever') return { process: next([], { deaf }), output };
    else if (verb === 'sleep')
      return { process: next(left, { deaf }), output, wakeAt: machine.now() + Number(argument) * 1000 };
    else if (verb === 'cat') {
      if (machine.files.stat(argument)) write('stdout', machine.files.read(argument));
      else {
        write('stderr', `cat: can't open '${argument}': No such file or directory\n`);
        if (left.length === 0) return { process: next(left), output, exit: { code: 1 } };
      }
    }
  }
  return { process: next(left), output, exit: { code: 0 } };
}

/** A stand-in for `sh/`: a server image, and a shell image that knows eight words. */
export const fakePrograms: Programs = {
  lack: () => 'closed',
  sockets: () => [],
  talk: () => undefined,
  resolve: (reference) => KNOWN[reference],
  image: (id) => BY_ID.get(id),
  files: () => NO_FILES,
  start(_image, { argv, env, cwd, user, pid = 1 }, machine) {
    const server = argv[0] === '/docker-entrypoint.sh';
    const [first = ''] = argv;
    if (!server && !['sh', 'cat', 'sleep', 'touch', 'true'].includes(first))
      return { failure: 'executable file not found in $PATH' };
    const words = first === 'sh' ? (argv[2] ?? '').split(';').map((word) => word.trim()) : [argv.join(' ')];
    const process: ProcessState = {
      pid,
      argv,
      env,
      cwd,
      user,
      machine: { left: server ? ['echo ready', 'forever'] : words, deaf: false, server },
    };
    return run(process, machine);
  },
  step: (process, machine) => run(process, machine),
  signal(process, _machine, signal) {
    const script = process.machine as Script;
    if (script.server) return { process, output: [], exit: { code: 0 } };
    // Process 1 has no default action for signals that it does not handle.
    if (script.deaf || process.pid === 1) return { process, output: [] };
    return { process, output: [], exit: { code: 128 + signal, signal } };
  },
  listens: (_image, process, port) => (process.machine as Script).server === true && port === 80,
  serve: (_image, _process, _machine, _port, { path }) => ({
    response:
      path === '/'
        ? { status: 200, reason: 'OK', headers: {}, body: 'welcome' }
        : { status: 404, reason: 'Not Found', headers: {}, body: '' },
  }),
};
