import type { ImagePolicy } from '../../api/admission/chosen.ts';
import { readYaml } from '../../base/yaml/parse.ts';
import { type FileSystem, FsError } from '../../sh/process.ts';

interface Configured {
  imagePolicy?: { kubeConfigFile?: string; defaultAllow?: boolean };
}

interface AdmissionConfiguration {
  plugins?: { name?: string; path?: string; configuration?: Configured }[];
}

const absolute = (path: string, file: string): string =>
  path.startsWith('/') ? path : `${file.slice(0, file.lastIndexOf('/'))}/${path}`;

const failed = (why: string): Error =>
  new Error(`failed to initialize admission: couldn't init admission plugin "ImagePolicyWebhook": ${why}`);

function reading<T>(files: FileSystem, path: string, work: (text: string) => T): T {
  try {
    return work(files.read(path));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw failed(`open ${path}: no such file or directory`);
  }
}

/** How the plugin is configured in the file of --admission-control-config-file; throws what an API server ends with. */
export function readImagePolicy(file: string | undefined, files: FileSystem): ImagePolicy {
  if (file === undefined) throw failed('no config specified');
  const { plugins = [] } = reading(files, file, (text) => readYaml(text) as AdmissionConfiguration | null) ?? {};
  const plugin = plugins.find(({ name }) => name === 'ImagePolicyWebhook');
  if (!plugin) throw failed('no config specified');
  const configured = plugin.path
    ? reading(files, absolute(plugin.path, file), (text) => readYaml(text) as Configured | null)
    : plugin.configuration;
  const { kubeConfigFile, defaultAllow = false } = configured?.imagePolicy ?? {};
  if (!kubeConfigFile) throw failed('no config specified');
  const server = reading(files, absolute(kubeConfigFile, file), (text) => /^\s*server:\s*(\S+)/m.exec(text)?.[1]);
  if (!server) throw failed('invalid configuration: no server found for cluster');
  return { server, defaultAllow };
}
