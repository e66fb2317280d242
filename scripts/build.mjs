// Builds dist/: the chunks of the program, packed by the commands that load them; the fixtures as JSON; the template of the
// default cluster.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chunksOf, scriptOf } from './build/bundle.mjs';
import { buildFixtures } from './build/fixtures.mjs';
import { put } from './build/put.mjs';
import { Trial } from './build/trial.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const ENTRIES = ['kubectl', 'kubemu', 'crictl', 'node-shell'].map((name) => `src/kubemu/entries/${name}.ts`);

const chunks = await chunksOf(root, ENTRIES, version);
const hash = createHash('sha256');
for (const [name, code] of chunks) hash.update(name).update(code);
const build = `${version}-${hash.digest('hex').slice(0, 12)}`;

/** `packs`: lists of chunks by the name of their script; the other chunks are scripts of their own. */
async function writeProgram(packs) {
  const packed = new Set(Object.values(packs).flat());
  const single = [...chunks.keys()].filter((name) => !packed.has(name)).map((name) => [name, [name]]);
  const scripts = [...Object.entries(packs), ...single];
  await Promise.all(scripts.map(async ([file, names]) => put(join(dist, file), await scriptOf(chunks, names))));
  const loader = readFileSync(join(root, 'scripts', 'loader.cjs'), 'utf8');
  const named = Object.keys(packs).length > 0 ? build : `${build}-trial`;
  put(
    join(dist, 'loader.js'),
    loader.replace('__BUILD__', named).replace('/* PACKS */', JSON.stringify(packs).slice(1, -1)),
  );
  return scripts.map(([file]) => file);
}

mkdirSync(dist, { recursive: true });
put(join(dist, 'package.json'), '{"type":"commonjs"}\n');
buildFixtures();
await writeProgram({});
const trial = new Trial(root);
let written;
try {
  trial.keepTemplate('kubeadm', join(dist, 'data', 'templates', 'kubeadm.json'));
  const packs = trial.everydayChunks().map((names, index) => [`pack-${index}-${build.slice(-12)}.js`, names]);
  written = await writeProgram(Object.fromEntries(packs));
} finally {
  trial.end();
}

// Chunks of earlier builds stay for a while: a program that runs meanwhile may still ask for them.
const kept = new Set(['data', 'package.json', 'loader.js', ...written]);
for (const name of readdirSync(dist)) {
  const age = Date.now() - statSync(join(dist, name)).mtimeMs;
  if (!kept.has(name) && age > 600_000) rmSync(join(dist, name), { recursive: true });
}
