// Bundles src/ into dist/: one CommonJS chunk for each entry, each lazily imported verb and each part that several share.
// esbuild splits ES modules only, so a second pass turns its chunks into CommonJS, whose compiled code V8 can cache
// (scripts/loader.cjs) on every Node that we run on.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { buildFixtures } from './fixtures.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = 'node20.19';

/** While rooms are being built: a file that is not there yet fails when it is used. */
const missingAsStubs = {
  name: 'missing-as-stubs',
  setup(plugin) {
    plugin.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      existsSync(join(resolveDir, path)) || !path.endsWith('.ts') ? undefined : { path, namespace: 'missing' },
    );
    plugin.onLoad({ filter: /.*/, namespace: 'missing' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => name === '__esModule' ? true : () => { throw new Error('${path} is not there yet'); } })`,
      loader: 'js',
    }));
  },
};

/** Keeps a cluster of the preset, at rest, for `kubemu create cluster` to begin with (src/cluster/template.ts). */
function buildTemplate(preset) {
  const folder = mkdtempSync(join(tmpdir(), 'kubemu-template-'));
  const state = join(folder, 'state.json');
  const options = ['--preset', preset, '--clock', 'manual', '--epoch', '2026-01-01T00:00:00Z', '--seed', '1'];
  const made = spawnSync(process.execPath, [join(root, 'bin', 'kubemu'), 'create', 'cluster', ...options], {
    env: { ...process.env, KUBEMU_STATE: state, XDG_CACHE_HOME: folder },
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`no template of ${preset}: ${made.stderr}`);
  mkdirSync(join(dist, 'data', 'templates'), { recursive: true });
  copyFileSync(state, join(dist, 'data', 'templates', `${preset}.json`));
  rmSync(folder, { recursive: true });
}

const bundled = await build({
  absWorkingDir: root,
  entryPoints: ['kubectl', 'kubemu', 'crictl', 'node-shell'].map((name) => `src/kubemu/entries/${name}.ts`),
  outdir: dist,
  bundle: true,
  format: 'esm',
  splitting: true,
  platform: 'node',
  target,
  // Its ES modules: what is imported lazily from CommonJS loses its named exports when chunks are split.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { KUBEMU_VERSION: JSON.stringify(version) },
  write: false,
  plugins: [missingAsStubs],
  logLevel: 'warning',
});

const chunks = await Promise.all(
  bundled.outputFiles.map(async (file) => {
    const { code } = await transform(file.text, {
      format: 'cjs',
      platform: 'node',
      target,
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': '__url' },
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: 'none',
    });
    return { name: basename(file.path), code };
  }),
);

mkdirSync(dist, { recursive: true });
const hash = createHash('sha256');
for (const { name, code } of chunks.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  hash.update(name).update(code);
  writeFileSync(join(dist, name), code);
}
writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n');
const loader = readFileSync(join(root, 'scripts', 'loader.cjs'), 'utf8');
writeFileSync(join(dist, 'loader.js'), loader.replace('__BUILD__', `${version}-${hash.digest('hex').slice(0, 12)}`));
buildFixtures();
buildTemplate('kubeadm');

// Last, so that a program which runs meanwhile still finds its chunks.
const written = new Set(['data', 'package.json', 'loader.js', ...chunks.map(({ name }) => name)]);
for (const name of readdirSync(dist)) if (!written.has(name)) rmSync(join(dist, name), { recursive: true });
