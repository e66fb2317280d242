// Bundles src/ twice. esbuild splits ES modules only: the first pass makes chunks, one for each entry, each lazily imported verb
// and each part that several share. The second makes CommonJS scripts of them, whose compiled code V8 can cache
// (scripts/loader.cjs) on every Node that we run on.
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const shared = {
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** The chunks, ES modules by their names in the order of these; nothing is written. */
export async function chunksOf(root, entries, version) {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(root, 'dist'),
    format: 'esm',
    splitting: true,
    // Its ES modules: what is imported lazily from CommonJS loses its named exports when chunks are split.
    alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
    define: { KUBEMU_VERSION: JSON.stringify(version) },
  });
  const named = outputFiles.map(({ path, text }) => [basename(path), text]);
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * One script of several chunks. Its value is a function that returns their loaders by name; chunks that are within call each
 * other's functions directly, the others they `require`.
 */
export async function scriptOf(chunks, names) {
  const within = {
    name: 'within',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\.\// }, ({ path }) => {
        const name = path.slice(2);
        return names.includes(name) ? { path: name, namespace: 'chunk' } : { path, external: true };
      });
      esbuild.onLoad({ filter: /./, namespace: 'chunk' }, ({ path }) => ({ contents: chunks.get(path) }));
    },
  };
  const loaders = names.map((name) => `${JSON.stringify(name)}:()=>require(${JSON.stringify(`./${name}`)})`);
  const { outputFiles } = await build({
    ...shared,
    stdin: { contents: `module.exports={${loaders.join()}}` },
    plugins: [within],
    format: 'cjs',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
    banner: { js: '(function(require,module,__dirname){' },
    footer: { js: 'return module.exports})' },
  });
  return plainExports(outputFiles[0].text);
}

/** esbuild's helper that makes an ES module's CommonJS exports, out of getters of getters. */
const TO_COMMON_JS = /(?<![\w$])([\w$]+)=([\w$]+)=>[\w$]+\([\w$]+\(\{\},"__esModule",\{value:!0\}\),\2\)/;

/** The script with exports that are plain values: no chunk changes what it exports, and V8 sees through these. */
function plainExports(code) {
  if (!TO_COMMON_JS.test(code)) throw new Error('esbuild writes exports in another way now: see plainExports');
  return code.replace(
    TO_COMMON_JS,
    '$1=$2=>{let kept={__esModule:!0};for(let name in $2)kept[name]=$2[name];return kept}',
  );
}
