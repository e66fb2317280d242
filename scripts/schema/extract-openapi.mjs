// Extracts from a checkout of Kubernetes what its published models lose of the OpenAPI documents: line breaks in
// descriptions, descriptions of types with a JSON form of their own, and enumerations with their notes. Run by hand once a
// version, after build.mjs: node scripts/schema/extract-openapi.mjs <kubernetes>. Output: facts/openapi.json.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages } from './packages.mjs';

const kubernetes = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, '..', '..', 'fixtures', 'schema');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const schemas = {};
const documents = join(kubernetes, 'api', 'openapi-spec', 'v3');
for (const file of readdirSync(documents)) Object.assign(schemas, readJson(join(documents, file)).components?.schemas);

/** `core/v1` → `io.k8s.api.core.v1` */
const schemaPackage = (name) => `io.k8s.${packages[name].split('/').join('.')}`;

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

const special = {
  'resource.Quantity': 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'intstr.IntOrString': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'runtime.RawExtension': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'meta/v1.Time': 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  'meta/v1.MicroTime': 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  'meta/v1.Duration': 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  'meta/v1.FieldsV1': 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
};
for (const name of ['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray']) {
  special[`apiextensions/v1.${name}`] = `${schemaPackage('apiextensions/v1')}.${name}`;
}
for (const [type, schema] of Object.entries(special)) descriptions[type] = schemas[schema]?.description ?? '';

/** A Go comment as gengo joins it: one line a paragraph, markers left out. */
const joinComment = (lines) =>
  lines
    .map((line) => line.replace(/^\s*\/\/\s*/, ''))
    .filter((line) => !/^\s*\+/.test(line) && !/^\s*TODO/.test(line))
    .join('\n')
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\n/g, ' '))
    .join(' ');

const enums = {};
for (const [name, folder] of Object.entries(packages)) {
  const path = join(kubernetes, 'staging/src/k8s.io', folder);
  for (const file of readdirSync(path).filter((each) => /^types(_\w+)?\.go$/.test(each))) {
    const lines = readFileSync(join(path, file), 'utf8').split('\n');
    let comment = [];
    for (const line of lines) {
      const type = /^type (\w+) string/.exec(line)?.[1];
      if (type && comment.some((each) => /^\/\/ \+enum/.test(each))) enums[`${name}.${type}`] = {};
      comment = /^\s*\/\//.test(line) ? [...comment, line] : [];
    }
    let lastType;
    for (const line of lines) {
      const [, constant, before, within, value] =
        /^\s+(\w+)(?:\s+(\w+))?\s*=\s*(?:(\w+)\()?"([^"]*)"/.exec(line.replace(/^const/, '\t')) ?? [];
      const declared = before ?? within;
      if (declared) lastType = declared;
      const known = enums[`${name}.${declared ?? (value === undefined ? '' : lastType)}`];
      if (value !== undefined && known) known[value] = joinComment(comment).replace(new RegExp(`^${constant}\\s+`), '');
      if (/^(const )?\)|^$/.test(line) && line !== '') lastType = undefined;
      comment = /^\s*\/\//.test(line) ? [...comment, line] : [];
    }
  }
}

const rows = (table) => Object.entries(table).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
writeFileSync(
  output,
  `{"descriptions":{\n${rows(descriptions).join(',\n')}\n},\n"enums":{\n${rows(enums).join(',\n')}\n}}\n`,
);
