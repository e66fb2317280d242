// Extracts the resources of a 1.33 API server from recorded discovery: names, verbs, short names, categories, storage hashes and
// the order of groups. Run by hand once a version: node scripts/schema/extract-resources.mjs <conformance>/api.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const recordings = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const lines = readFileSync(join(recordings, 'discovery.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const answers = Object.fromEntries(lines.map(({ path, body }) => [path, body]));
const list = (groupVersion) =>
  answers[groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`].resources;

const groups = [{ name: '', versions: answers['/api'].versions }].concat(
  answers['/apis'].groups.map(({ name, versions }) => ({ name, versions: versions.map((v) => v.version) })),
);
const resources = {};
for (const { name, versions } of groups) {
  for (const version of versions) {
    const groupVersion = name ? `${name}/${version}` : version;
    resources[groupVersion] = list(groupVersion);
  }
}
const rows = Object.entries(resources).map(
  ([gv, list]) => `${JSON.stringify(gv)}: [\n${list.map((r) => JSON.stringify(r)).join(',\n')}\n]`,
);
writeFileSync(
  join(here, 'facts', 'resources.json'),
  `{\n"groups": ${JSON.stringify(groups)},\n"resources": {\n${rows.join(',\n')}\n}\n}\n`,
);
const paths = JSON.parse(readFileSync(join(recordings, 'root-paths.json'), 'utf8')).paths;
const hashes = answers['/openapi/v3'].paths;
writeFileSync(
  join(here, 'facts', 'root.json'),
  `${JSON.stringify({ version: answers['/version'], paths, openapi: hashes }, null, 1)}\n`,
);
