// Extracts from a checkout of Kubernetes what its published models lose of the OpenAPI documents: line breaks in
// descriptions, descriptions of types with a JSON form of their own, and enumerations with their notes. Run by hand once a
// version, after build.mjs: node scripts/schema/extract-openapi.mjs <kubernetes>. Output: facts/openapi.json.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages, schemaPackage, special } from './packages.mjs';

const kubernetes = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, '..', '..', 'fixtures', 'schema');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const schemas = {};
const documents = join(kubernetes, 'api', 'openapi-spec', 'v3');
for (const file of readdirSync(documents)) Object.assign(schemas, readJson(join(documents, file)).components?.schemas);

// What earlier runs found stays: by now the fixtures hold it.
const output = join(here, 'facts', 'openapi.json');
const known = existsSync(output) ? readJson(output).descriptions : {};
const descriptions = {};
for (const file of readdirSync(join(fixtures, 'descriptions'))) {
  const own = file.replace('.json', '').replace('.', '/');
  if (own === 'special') continue;
  for (const [type, fields] of Object.entries(readJson(join(fixtures, 'descriptions', file)))) {
    const schema = schemas[`${schemaPackage(own)}.${type}`];
    if (!schema) continue;
    const documented = { '': schema, ...schema.properties };
    for (const [field, { description = '' }] of Object.entries(documented)) {
      const path = field ? `${own}.${type}.${field}` : `${own}.${type}`;
      if ((fields[field] ?? '') !== description || known[path] !== undefined) descriptions[path] = description;
    }
  }
}

for (const [type, schema] of Object.entries(special)) descriptions[type] = schemas[schema]?.description ?? '';

const types = readJson(join(here, 'facts', 'types.json'));

/** The Go type of a type's field, embedded structs included; without pointers, and of lists and maps that of what is in them. */
function fieldType(type, field) {
  for (const [name, go] of types[type]?.fields ?? []) {
    const found = name === field ? go : name === '' ? fieldType(go.replace(/^\*/, ''), field) : undefined;
    if (found) return found.replace(/^(\*|\[\]|map\[\w+\])+/, '');
  }
  return undefined;
}

/** `storage/v1.StorageClass` is made by `schema_k8sio_api_storage_v1_StorageClass`, what is in a `pkg` by `schema_pkg_…`. */
const generatedNames = Object.fromEntries(
  Object.keys(types).map((type) => {
    const [, own, name] = /^(.*)\.(\w+)$/.exec(type);
    const path = packages[own]?.replace(/^api\//, 'k8sio/api/').replace(/^.*?pkg\//, 'pkg/');
    return [`schema_${path?.replaceAll('/', '_')}_${name}`, type];
  }),
);

/** Enumerations by type, as the generated definitions have them: of fields with their notes, of items without. */
const enums = {};
for (const folder of [
  'pkg',
  'staging/src/k8s.io/apiextensions-apiserver/pkg',
  'staging/src/k8s.io/kube-aggregator/pkg',
]) {
  const path = join(kubernetes, folder, 'generated/openapi/zz_generated.openapi.go');
  for (const part of readFileSync(path, 'utf8').split(/^func /m)) {
    const type = generatedNames[/^\w+/.exec(part)?.[0]];
    if (!type) continue;
    for (const [, field, body] of part.matchAll(/^\t{5}"(\w+)": \{\n([\s\S]*?)^\t{5}\},/gm)) {
      const values = /^\t+Enum: +\[\]interface\{\}\{(.*)\},$/m.exec(body)?.[1];
      const own = values && fieldType(type, field);
      if (!own) continue;
      const description = JSON.parse(/^\t{7}Description: +(".*"),$/m.exec(body)?.[1] ?? '""');
      const notes = Object.fromEntries(
        [...description.matchAll(/^ - `("[^`]*")` ?(.*)$/gm)].map(([, value, note]) => [JSON.parse(value), note]),
      );
      enums[own] ??= Object.fromEntries(JSON.parse(`[${values}]`).map((value) => [value, '']));
      Object.assign(enums[own], notes);
    }
  }
}

const rows = (table) => Object.entries(table).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
writeFileSync(
  output,
  `{"descriptions":{\n${rows(descriptions).join(',\n')}\n},\n"enums":{\n${rows(enums).join(',\n')}\n}}\n`,
);
