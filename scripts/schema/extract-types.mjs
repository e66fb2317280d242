// Extracts from a checkout of Kubernetes' Go sources what no published model holds: the order of a struct's fields, which of
// them are pointers or left out when empty, patch strategies, list types and protobuf numbers. Facts only; run by hand once
// a version: node scripts/schema/extract-types.mjs <kubernetes>/staging/src/k8s.io. Output: facts/types.json, one type a line.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages } from './packages.mjs';

const staging = process.argv[2];
const here = dirname(fileURLToPath(import.meta.url));

const byFolder = Object.fromEntries(Object.entries(packages).map(([name, folder]) => [`k8s.io/${folder}`, name]));
const known = {
  'k8s.io/apimachinery/pkg/api/resource': 'resource',
  'k8s.io/apimachinery/pkg/util/intstr': 'intstr',
  'k8s.io/apimachinery/pkg/runtime': 'runtime',
  'k8s.io/apimachinery/pkg/types': 'types',
};
const builtin = /^(string|bool|u?int(8|16|32|64)?|float64|byte|any|interface\{\})$/;

function goType(text, own, imports) {
  const wrap = /^(\*|\[\]|map\[[^\]]*\])(.*)$/.exec(text);
  if (wrap) return (wrap[1].startsWith('map') ? 'map[string]' : wrap[1]) + goType(wrap[2], own, imports);
  if (builtin.test(text)) return text;
  const [, alias, name] = /^(?:(\w+)\.)?(\w+)$/.exec(text) ?? [];
  if (!name) return text;
  return alias ? `${imports[alias] ?? alias}.${name}` : `${own}.${name}`;
}

/** A default as it is written, or that of the constant of `source` which it refers to: `ref(AzureSharedBlobDisk)`. */
function defaultOf(value, source) {
  const constant = /^ref\((\w+)\)$/.exec(value)?.[1];
  const text = constant ? new RegExp(`^\\s+${constant}\\s.*=\\s*("[^"]*")`, 'm').exec(source)?.[1] : value;
  return text && JSON.parse(text);
}

function fieldFacts(line, markers, own, imports, source) {
  const match = /^\s+(?:(\w+)\s+)?([*\w.[\]{}]+)\s+`([^`]*)`/.exec(line);
  if (!match) return undefined;
  const [, goName, type, tags] = match;
  const tag = (name) => new RegExp(`(?:^|\\s)${name}:"([^"]*)"`).exec(tags)?.[1];
  const json = tag('json');
  if (json === undefined || json === '-') return undefined;
  const [name, ...options] = json.split(',');
  const inline = options.includes('inline') || (name === '' && !goName);
  const facts = {};
  if (options.includes('omitempty')) facts.omitempty = true;
  const number = tag('protobuf')?.split(',')[1];
  if (tag('patchStrategy')) facts.patchStrategy = tag('patchStrategy');
  if (tag('patchMergeKey')) facts.patchMergeKey = tag('patchMergeKey');
  for (const marker of markers) {
    const [, key, value] =
      /^\+(listType|mapType|structType|listMapKey|default|optional|required|nullable)(?:=(.*))?$/.exec(marker) ?? [];
    if (!key) continue;
    if (key === 'listMapKey') facts.listMapKeys = [...(facts.listMapKeys ?? []), value.replace(/"/g, '')];
    else if (key === 'default') facts.default = defaultOf(value, source);
    else facts[key] = value ?? true;
  }
  return [
    inline ? '' : name,
    goType(type, own, imports),
    number === undefined || number === 'bytes' ? 0 : Number(number),
    facts,
  ];
}

const types = {};
for (const [own, folder] of Object.entries(packages)) {
  for (const file of readdirSync(join(staging, folder)).filter(
    (f) => /\.go$/.test(f) && !/(_test|generated|zz_)/.test(f),
  )) {
    const source = readFileSync(join(staging, folder, file), 'utf8');
    const lines = source.split('\n');
    const imports = {};
    for (const line of lines) {
      const [, alias, path] = /^(?:import)?\s+(\w+)?\s*"(k8s\.io\/[^"]+)"/.exec(line) ?? [];
      if (path) imports[alias ?? path.split('/').pop()] = byFolder[path] ?? known[path] ?? path;
    }
    let comments = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      const comment = /^\s*\/\/\s?(.*)$/.exec(line);
      if (comment) {
        comments.push(comment[1].trim());
        continue;
      }
      const struct = /^type (\w+) struct ?\{(\})?/.exec(line);
      const other = /^type (\w+) ([\w.*[\]]+)\s*(?:\/\/.*)?$/.exec(line);
      if (struct) {
        const fields = [];
        const atomic = comments.includes('+structType=atomic');
        let markers = [];
        for (i++; !struct[2] && lines[i] !== '}'; i++) {
          const inner = /^\s*\/\/\s?(.*)$/.exec(lines[i]);
          if (inner) markers.push(inner[1].trim());
          else {
            const facts = fieldFacts(lines[i], markers, own, imports, source);
            if (facts) fields.push(facts);
            if (lines[i].trim() !== '' || facts) markers = [];
          }
        }
        if (struct[2]) i--;
        types[`${own}.${struct[1]}`] = atomic ? { atomic, fields } : { fields };
      } else if (other && !/^(interface|func)/.test(other[2])) {
        types[`${own}.${other[1]}`] = { is: goType(other[2], own, imports) };
      }
      comments = [];
    }
  }
}
const lines = Object.keys(types)
  .sort()
  .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(types[name])}`);
writeFileSync(join(here, 'facts', 'types.json'), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} types`);
