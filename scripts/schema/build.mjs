// Turns the OpenAPI models of @kubernetes/client-node (fields, requiredness, descriptions) and the facts beside this file (what
// the models do not hold) into fixtures/schema: npm run schema. The output is committed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { special } from './packages.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', '..', 'fixtures', 'schema');
const readJson = (path) => JSON.parse(readFileSync(join(here, path), 'utf8'));
const facts = readJson('facts/types.json');
const resources = readJson('facts/resources.json');
const root = readJson('facts/root.json');
const openapi = readJson('facts/openapi.json');
const models = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen', 'models');

/** `core/v1.Pod` → the model's name. Names that several groups share carry their group's name in front. */
function modelName(type) {
  const [, group, version, name] = /^(\w+)\/(\w+)\.(\w+)$/.exec(type);
  const cap = (word) => word[0].toUpperCase() + word.slice(1);
  const candidates = [`${cap(group)}${cap(version)}${name}`, `${cap(version)}${name}`];
  return candidates.find((candidate) => known.has(candidate));
}
const known = new Set(
  readdirSync(models)
    .filter((f) => f.endsWith('.d.ts'))
    .map((f) => f.slice(0, -5)),
);

const unescapeComment = (text) => text.replace(/\\(['"\\])/g, '$1').replace(/\*_\//g, '*/');

/** Descriptions and requiredness out of a model's declaration. */
function readModel(name) {
  const source = readFileSync(join(models, `${name}.d.ts`), 'utf8');
  const fields = {};
  const pattern = /\/\*\*\n\s+\* ([^\n]*)\n\s+\*\/\n\s+'([^']+)'(\??):/g;
  for (const [, description, field, optional] of source.matchAll(pattern)) {
    fields[plain(field)] = { description: unescapeComment(description), required: !optional };
  }
  for (const [, field, optional] of source.matchAll(/\n {4}'([^']+)'(\??):/g)) {
    fields[plain(field)] ??= { required: !optional };
  }
  const description = /\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/.exec(source)?.[1];
  return { description: description && unescapeComment(description), fields };
}

/** Embedded structs put their fields where they stand; in protobuf they are messages of their own, `inside` says which. */
const flatten = (type) =>
  facts[type].fields.flatMap((field) => {
    if (field[0] !== '') return [field];
    const embedded = flatten(field[1].replace(/^\*/, ''));
    return field[2]
      ? embedded.map(([name, go, number, flags]) => [
          name,
          go,
          number,
          { ...flags, inside: [field[2], ...(flags.inside ?? [])] },
        ])
      : embedded;
  });
/** Models spell `$ref` and `x-kubernetes-…` as identifiers. */
const plain = (name) => name.replace(/[^A-Za-z0-9]/g, '');

const types = {};
const descriptions = {};
const missing = [];
for (const [type, fact] of Object.entries(facts)) {
  const [, file, name] = /^(\w+\/\w+)\.(\w+)$/.exec(type);
  const key = file.replace('/', '.');
  types[key] ??= {};
  descriptions[key] ??= {};
  if (fact.is) {
    types[key][name] = fact.is;
    continue;
  }
  const modelOf = modelName(type);
  const model = modelOf ? readModel(modelOf) : { fields: {} };
  const fields = flatten(type).map(([field, goType, number, { omitempty, optional, ...flags }]) => {
    const documented = model.fields[plain(field)];
    if (modelOf && !documented) missing.push(`${type}.${field}`);
    delete flags.required;
    delete flags.nullable;
    if (!omitempty) flags.always = true;
    if (documented?.required) flags.required = true;
    return Object.keys(flags).length > 0 ? [field, goType, number, flags] : [field, goType, number];
  });
  types[key][name] = fact.atomic ? { atomic: true, fields } : { fields };
  if (modelOf) {
    const described = fields.flatMap(([field]) => {
      const description = model.fields[plain(field)]?.description;
      return description ? [[field, description]] : [];
    });
    descriptions[key][name] = { '': model.description ?? '', ...Object.fromEntries(described) };
  } else if (fields.length === 0 && !special[type]) descriptions[key][name] = {};
}
// Where the models lost line breaks, or describe a field by its type.
descriptions.special = {};
for (const [path, description] of Object.entries(openapi.descriptions)) {
  const [, file, type, field = ''] = /^(\w+\/\w+)\.(\w+)(?:\.(.+))?$/.exec(path) ?? [];
  const fields = file && descriptions[file.replace('/', '.')]?.[type];
  if (fields) fields[field] = description;
  else descriptions.special[path] = description;
}

for (const folder of ['types', 'descriptions']) rmSync(join(out, folder), { recursive: true, force: true });
const writeRows = (folder, tables) => {
  mkdirSync(join(out, folder), { recursive: true });
  for (const [file, rows] of Object.entries(tables)) {
    const lines = Object.entries(rows).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    writeFileSync(join(out, folder, `${file}.json`), `{\n${lines.join(',\n')}\n}\n`);
  }
};
writeRows('types', types);
writeRows('descriptions', descriptions);
writeRows('', { registry: resources, root, enums: openapi.enums });
if (missing.length > 0) console.log(`fields without a model: ${missing.join(' ')}`);
