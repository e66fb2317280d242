import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all: a command that runs while dist/ is built sees the old one or the new one. */
export function put(path, text) {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}
