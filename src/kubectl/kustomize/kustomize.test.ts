import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HostMachine } from '../io.ts';
import { buildKustomization } from './index.ts';

interface Setup {
  /** Texts that many folders have. */
  shared: Record<string, string>;
  files: Record<string, string>;
}

/** The first line holds files, each other one a folder with what kubectl 1.33 printed for it, without a network. */
const read = (name: string) =>
  readFileSync(new URL(`./testdata/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)) as [Setup, ...{ folder: string; stdout?: string; error?: string }[]];

const [setup, ...builds] = read('kustomize');
const [rareSetup, ...rare] = read('rare');

/** A machine with nothing but those files below /w. */
function machine({ shared, files }: Setup): HostMachine {
  const texts = new Map(Object.entries(files).map(([path, text]) => [`/w/${path}`, shared[text] ?? text]));
  const isFolder = (path: string) => [...texts.keys()].some((file) => file.startsWith(path === '/' ? '/' : `${path}/`));
  const readFile = (path: string) => {
    const text = texts.get(path);
    if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
    return text;
  };
  const host: Partial<HostMachine> = {
    cwd: '/w',
    readFile,
    readBytes: (path) => Buffer.from(readFile(path)),
    stat: (path) => {
      const clean = path.replace(/(.)\/$/, '$1');
      if (texts.has(clean)) return { directory: false, size: 0, mode: 0o644 };
      return isFolder(clean) ? { directory: true, size: 0, mode: 0o755 } : undefined;
    },
  };
  return host as HostMachine;
}

describe('buildKustomization', () => {
  it.each(builds)('$folder', async ({ folder, stdout, error }) => {
    const built = buildKustomization(machine(setup), folder);
    expect(await built.catch((thrown: Error) => thrown.message.trimEnd())).toBe(stdout ?? error);
  });

  it.each(rare)('$folder, rarely used', async ({ folder, stdout, error }) => {
    const built = buildKustomization(machine(rareSetup), folder);
    expect(await built.catch((thrown: Error) => thrown.message.trimEnd())).toBe(stdout ?? error);
  });

  it('tells of deprecated fields', async () => {
    const warnings: string[] = [];
    await buildKustomization(machine(setup), 'prod', { warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([
      "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.",
    ]);
  });
});
