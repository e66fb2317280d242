import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { apiVersionOf, effectiveNamespace, NOT_NAMESPACED, parseApiVersion } from '../kustomize/identity.ts';
import type { Resource } from '../kustomize/resource.ts';

const command: Command = {
  name: 'kustomize',
  use: 'kustomize DIR',
  flagsInUseLine: true,
  short: 'Build a kustomization target from a directory or URL',
  long: `Print the resources that the kustomization.yaml in DIR comes to, as YAML. Without DIR, the current directory is meant.`,
  examples: `  # Build the current working directory
  kubectl kustomize

  # Build a directory of one's own configuration
  kubectl kustomize /home/config/production`,
  flags: [
    {
      name: 'as-current-user',
      type: 'bool',
      default: 'false',
      usage: 'use the uid and gid of the command executor to run the function in the container',
    },
    { name: 'enable-alpha-plugins', type: 'bool', default: 'false', usage: 'enable kustomize plugins' },
    { name: 'enable-helm', type: 'bool', default: 'false', usage: 'Enable use of the Helm chart inflator generator.' },
    {
      name: 'env',
      shorthand: 'e',
      type: 'stringArray',
      usage: 'a list of environment variables to be used by functions',
    },
    {
      name: 'helm-api-versions',
      type: 'stringArray',
      usage: 'Kubernetes api versions used by Helm for Capabilities.APIVersions',
    },
    { name: 'helm-command', type: 'string', default: 'helm', usage: 'helm command (path to executable)' },
    {
      name: 'helm-debug',
      type: 'bool',
      default: 'false',
      usage: 'Enable debug output from the Helm chart inflator generator.',
    },
    {
      name: 'helm-kube-version',
      type: 'string',
      usage: 'Kubernetes version used by Helm for Capabilities.KubeVersion',
    },
    {
      name: 'load-restrictor',
      type: 'string',
      default: 'LoadRestrictionsRootOnly',
      usage:
        "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root. This does, however, break the relocatability of the kustomization.",
    },
    { name: 'mount', type: 'stringArray', usage: 'a list of storage options read from the filesystem' },
    { name: 'network', type: 'bool', default: 'false', usage: 'enable network access for functions that declare it' },
    { name: 'network-name', type: 'string', default: 'bridge', usage: 'the docker network to run the container in' },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'If specified, write output to this path.' },
    {
      name: 'reorder',
      type: 'string',
      default: 'legacy',
      deprecated: "use the new 'sortOptions' field in kustomization.yaml instead.",
      usage: "Order of the resources: 'legacy' (namespaces first, webhooks last) or 'none'",
    },
  ],
  run,
};

export default command;

async function run({ args, flags, environment, factory }: Invocation): Promise<void> {
  if (args.length > 1) throw new CommandError('specify one path to kustomization.yaml');
  const restrictor = flags.string('load-restrictor');
  if (restrictor !== 'LoadRestrictionsRootOnly' && restrictor !== 'LoadRestrictionsNone') {
    throw new CommandError(
      `illegal flag value --load-restrictor ${restrictor}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]`,
    );
  }
  const reorder = flags.string('reorder');
  if (reorder !== 'legacy' && reorder !== 'none') {
    throw new CommandError(`illegal flag value --reorder ${reorder}; legal values: [legacy none]`);
  }
  const { host, io } = environment;
  const { buildResources } = await import('../kustomize/index.ts');
  const { emitYaml } = await import('../../base/yaml/emit.ts');
  const resources = await buildResources(host, args[0] ?? '.', {
    loadRestrictions: restrictor === 'LoadRestrictionsRootOnly',
    warn: (text) => io.err(`${text}\n`),
    log: (text) => factory.log.line('I', 'log.go:245', text),
    helm: { enabled: flags.bool('enable-helm'), command: flags.string('helm-command') },
    ...(flags.changed('reorder') && { reorder }),
  });
  const text = () => resources.map(({ object }) => emitYaml(object)).join('---\n');
  const output = flags.string('output');
  if (output === '') io.out(text());
  else if (host.stat(output)?.directory)
    writeEach(resources, (name, content) => host.writeFile(`${output}/${name}`, content), emitYaml);
  else host.writeFile(output, text());
}

/** A file for each resource, named by what it is; the namespace goes first when there are several. */
function writeEach(
  resources: Resource[],
  write: (name: string, content: string) => void,
  emit: (value: unknown) => string,
): void {
  const namespaces = new Set(resources.map(({ id }) => effectiveNamespace(id)));
  namespaces.delete(NOT_NAMESPACED);
  for (const { id, object } of resources) {
    const { group, version } = parseApiVersion(apiVersionOf(id));
    const namespace = effectiveNamespace(id);
    const parts = [group, version, id.kind].filter(Boolean).join('_');
    const prefix = namespaces.size > 1 && namespace !== NOT_NAMESPACED ? `${namespace}_` : '';
    write(`${prefix}${parts}_${id.name}.yaml`.toLowerCase(), emit(object));
  }
}
