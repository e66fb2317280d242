// npm run compare -- get pods -o wide: the same command by the real kubectl and by ours, on the same cluster, and their difference.
// The real one is $KUBEMU_REAL_KUBECTL, or kubectl.1.33 beside the kubectl on PATH; it reaches the cluster through `kubemu serve`.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTwoFilesPatch } from 'diff';
import { realKubectl } from './real-kubectl.mjs';

const bin = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin');
const args = process.argv.slice(2);

/** `kubemu serve` on a free port; resolves with the kubeconfig for it. */
function serve(env) {
  const server = spawn(process.execPath, [join(bin, 'kubemu'), 'serve', '--port', '0'], { env });
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (piece) => {
      text += piece;
      const [, kubeconfig] = /export KUBECONFIG=(\S+)/.exec(text) ?? [];
      if (kubeconfig) resolve({ server, kubeconfig });
    });
    server.stderr.pipe(process.stderr);
    server.on('exit', (code) => reject(new Error(`kubemu serve ended with ${code}`)));
  });
}

/** The state file of the current cluster, as `kubemu status` names it. */
function statePath() {
  const { stdout, stderr } = spawnSync(process.execPath, [join(bin, 'kubemu'), 'status'], { encoding: 'utf8' });
  const [, path] = /^State: +(.+)$/m.exec(stdout) ?? [];
  if (path) return path;
  console.error(`compare: there is no cluster to compare on\n${stderr}`);
  process.exit(2);
}

function run(program, env) {
  const { stdout, stderr, status } = spawnSync(program[0], [...program.slice(1), ...args], { env, encoding: 'utf8' });
  return `${stdout}${stderr && `--- standard error\n${stderr}`}--- exit code ${status}\n`;
}

const real = realKubectl();
if (!real) {
  console.error('compare: there is no real kubectl here; name one with KUBEMU_REAL_KUBECTL');
  process.exit(2);
}
// Both begin with the same state: what the first one changes, the second must not see.
const state = statePath();
const folder = mkdtempSync(join(tmpdir(), 'kubemu-compare-'));
let theirs;
let ours;
try {
  const copies = ['theirs', 'ours'].map((name) => join(folder, `${name}.json`));
  for (const copy of copies) copyFileSync(state, copy);
  const environments = copies.map((path) => ({ ...process.env, KUBEMU_STATE: path, KUBECONFIG: undefined }));
  const { server, kubeconfig } = await serve(environments[0]);
  theirs = run([real], { ...environments[0], KUBECONFIG: kubeconfig });
  server.removeAllListeners('exit');
  server.kill();
  ours = run([process.execPath, join(bin, 'kubectl')], environments[1]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`$ kubectl ${args.join(' ')}\n\n=== real kubectl\n${theirs}\n=== kubemu\n${ours}`);
console.log(
  theirs === ours ? '=== the same' : `=== difference\n${createTwoFilesPatch('real', 'kubemu', theirs, ours)}`,
);
process.exit(theirs === ours ? 0 : 1);
