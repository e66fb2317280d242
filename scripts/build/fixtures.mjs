import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { put } from './put.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Writes every fixtures/**.yaml as JSON below dist/data: loading a YAML library would cost each command 19 ms. */
export function buildFixtures() {
  const source = join(root, 'fixtures');
  for (const entry of readdirSync(source, { recursive: true })) {
    if (!entry.endsWith('.yaml')) continue;
    const target = join(root, 'dist', 'data', entry.replace(/\.yaml$/, '.json'));
    mkdirSync(dirname(target), { recursive: true });
    put(target, JSON.stringify(parse(readFileSync(join(source, entry), 'utf8'))));
  }
}
