// Runs the freshly built programs in a folder of their own: for the template of the default cluster, and to see which
// chunks the everyday commands load.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Notes the chunks that a process compiles. */
const RECORDER = `
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    appendFileSync(process.env.KUBEMU_CHUNKS, basename(options.filename) + '\\n');
  }
};
`;

const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n';

/** What people run most, the lightest first: the chunks that each loads beyond those before it make up a pack. */
const EVERYDAY = [
  ['kubectl', 'version', '--client'],
  ['kubectl', 'get', 'pods', '-A'],
  ['kubectl', 'describe', 'pods', '-A'],
  ['kubectl', 'apply', '-f', 'settings.yaml'],
  ['kubectl', 'create', 'configmap', 'more', '--dry-run=server'],
  ['kubectl', 'run', 'web', '--image=nginx'],
];

export class Trial {
  constructor(root) {
    this.root = root;
    this.folder = mkdtempSync(join(tmpdir(), 'kubemu-build-'));
    writeFileSync(join(this.folder, 'record.cjs'), RECORDER);
    writeFileSync(join(this.folder, 'settings.yaml'), MANIFEST);
  }

  /** Keeps a cluster of the preset, at rest, for `kubemu create cluster` to begin with (src/cluster/template.ts). */
  keepTemplate(preset, target) {
    const options = ['--preset', preset, '--clock', 'manual', '--epoch', '2026-01-01T00:00:00Z', '--seed', '1'];
    this.run(['kubemu', 'create', 'cluster', ...options]);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(this.folder, 'state.json'), target);
  }

  /** Lists of chunks, one for each everyday command, none twice. */
  everydayChunks() {
    const seen = new Set();
    // What is applied for the second time changes nothing, and a cluster at rest has nothing to catch up with.
    this.run(['kubectl', 'apply', '-f', 'settings.yaml']);
    this.run(['kubemu', 'advance', '--until-settled']);
    return EVERYDAY.map((argv) => {
      const record = join(this.folder, 'chunks');
      writeFileSync(record, '');
      this.run(argv, ['-r', join(this.folder, 'record.cjs')], { KUBEMU_CHUNKS: record });
      const names = readFileSync(record, 'utf8')
        .split('\n')
        .filter((name) => name && !seen.has(name));
      for (const name of names) seen.add(name);
      return [...new Set(names)];
    });
  }

  run([program, ...args], nodeOptions = [], env = {}) {
    const { status, stderr } = spawnSync(process.execPath, [...nodeOptions, join(this.root, 'bin', program), ...args], {
      cwd: this.folder,
      env: {
        ...process.env,
        KUBEMU_STATE: join(this.folder, 'state.json'),
        XDG_CACHE_HOME: this.folder,
        KUBECONFIG: '',
        ...env,
      },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${[program, ...args].join(' ')}: ${stderr}`);
  }

  end() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
