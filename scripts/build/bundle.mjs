// Bundles src/ into CommonJS chunks: one for each entry, each lazily imported verb and each part that several share.
// esbuild splits ES modules only, so a second pass turns its chunks into CommonJS, whose compiled code V8 can cache
// (scripts/loader.cjs) on every Node that we run on.
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';

const shared = {
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  legalComments: 'none',
};

/** The chunks `{name, code}` in the order of their names; nothing is written. */
export async function bundle(root, entries, version) {
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(root, 'dist'),
    bundle: true,
    format: 'esm',
    splitting: true,
    // Its ES modules: what is imported lazily from CommonJS loses its named exports when chunks are split.
    alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
    define: { KUBEMU_VERSION: JSON.stringify(version) },
    write: false,
    logLevel: 'warning',
  });
  const chunks = await Promise.all(
    outputFiles.map(async (file) => {
      const { code } = await transform(file.text, {
        ...shared,
        format: 'cjs',
        supported: { 'dynamic-import': false },
        define: { 'import.meta.url': '__url' },
      });
      return { name: basename(file.path), code };
    }),
  );
  return chunks.sort((a, b) => (a.name < b.name ? -1 : 1));
}
