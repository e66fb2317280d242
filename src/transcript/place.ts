import { readFileSync } from 'node:fs';
import { readYaml, YamlError } from '../base/yaml/parse.ts';
import { choose } from '../cluster/choices.ts';
import { type ClusterConfig, ConfigError, validateConfig } from '../cluster/config.ts';
import { makeSnapshot, openSnapshot } from '../cluster/in-memory.ts';
import { readPreset } from '../cluster/presets.ts';
import { Workstation } from '../workstation/workstation.ts';
import type { Prompt, Streams } from './document.ts';
import type { Settings } from './settings.ts';

/** Where a transcript's commands run: a cluster of its own, and a machine to type at. */
export interface Place {
  /** Runs a command to its end; answers what came out on the streams asked for. Throws UserError for a node that is not there. */
  run(command: string, prompt: Prompt, streams: Streams): Promise<{ output: string; code: number }>;
  /** Writes a file for the commands to use. */
  put(path: string, text: string): void;
  close(): void;
}

/** Opens a place as some settings want it. Throws ConfigError. */
export type OpenPlace = (settings: Settings) => Promise<Place>;

/** The configuration that settings ask for, with its preset if that is what it is. Throws ConfigError. */
export function configOf(settings: Settings): ClusterConfig {
  const { preset = 'kubeadm', config } = settings;
  const base = config === undefined ? readPreset(preset) : readConfig(config);
  return choose(base, { clock: 'manual', seed: base.spec.seed ?? 1, ...settings });
}

function readConfig(path: string): ClusterConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`config: there is no file ${path}`);
  }
  try {
    return validateConfig(readYaml(text), path);
  } catch (error) {
    throw error instanceof YamlError ? new ConfigError(`${path}: ${error.message}`) : error;
  }
}

const snapshots = new Map<string, Promise<string>>();

/** The snapshot of the cluster that settings ask for: made once, however many transcripts want it. Throws ConfigError. */
export function snapshotOf(settings: Settings): Promise<string> {
  const config = configOf(settings);
  const key = JSON.stringify(config);
  let snapshot = snapshots.get(key);
  if (!snapshot) {
    snapshot = makeSnapshot({ config });
    snapshots.set(key, snapshot);
  }
  return snapshot;
}

/** A cluster in memory and a simulated machine: nothing of the host is touched. */
export const openSimulated: OpenPlace = async (settings) => {
  const session = openSnapshot(await snapshotOf(settings));
  const { namespace, columns } = settings;
  const workstation = await Workstation.open(session, { ...(namespace && { namespace }) });
  return {
    run: async (command, { node, user, folder }, streams) => {
      const { output, stdout, stderr, code } = await workstation.run(command, { node, user, folder, columns });
      return { output: { both: output, ignore: stdout, only: stderr }[streams], code };
    },
    put: (path, text) => workstation.put(path, text),
    close: () => {},
  };
};
