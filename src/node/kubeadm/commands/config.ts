import { goJson } from '../../../base/go-json.ts';
import { emitYaml } from '../../../base/yaml/emit.ts';
import { kubeletConfiguration } from '../../files/kubernetes.ts';
import { imagesOf, wantedVersion } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';
import { DEFAULTS, migrated, ofKind, printDocuments, readConfiguration } from '../configuration.ts';

/** The images that a command is about: of the version that a flag, a configuration or kubeadm itself says. */
async function chosenImages(call: Call): Promise<string[]> {
  const path = call.text('config');
  const cluster = path ? ofKind(await readConfiguration(call.host, path), 'ClusterConfiguration') : undefined;
  const version = wantedVersion(
    call,
    call.text('kubernetes-version') ?? (cluster?.kubernetesVersion as string | undefined),
    true,
  );
  return imagesOf(version, call.text('image-repository') ?? (cluster?.imageRepository as string | undefined));
}

const IMAGE_FLAGS = ['config', 'feature-gates', 'image-repository', 'kubernetes-version'];

const images: Command = {
  name: 'images',
  short: 'Interact with container images used by kubeadm',
  commands: [
    {
      name: 'list',
      short: 'Print a list of images kubeadm will use',
      flags: [...IMAGE_FLAGS, 'allow-missing-template-keys', 'output', 'show-managed-fields'],
      maxArgs: 0,
      async run(call) {
        const list = await chosenImages(call);
        const value = { kind: 'Images', apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images: list };
        const output = call.text('output');
        if (output === 'json') call.out(goJson(value, { indent: '    ' }));
        else if (output === 'yaml') call.out(emitYaml(value).trimEnd());
        else for (const image of list) call.out(image);
      },
    },
    {
      name: 'pull',
      short: 'Pull images used by kubeadm',
      flags: [...IMAGE_FLAGS, 'cri-socket'],
      maxArgs: 0,
      async run(call) {
        for (const image of await chosenImages(call)) {
          call.host.runtime.pullImage(image);
          call.out(`[config/images] Pulled ${image}`);
        }
      },
    },
  ],
};

const print: Command = {
  name: 'print',
  short: 'Print configuration',
  commands: Object.entries(DEFAULTS).map(([name, documents]) => ({
    name,
    short: `Print default ${name.split('-')[0]} configuration, that can be used for 'kubeadm ${name.split('-')[0]}'`,
    ...(name.startsWith('init') || name.startsWith('join') ? { flags: ['component-configs'] } : {}),
    maxArgs: 0,
    run(call) {
      const wanted = call.list('component-configs') ?? [];
      const kubelet = wanted.includes('KubeletConfiguration')
        ? [kubeletConfiguration(call.host, ['10.96.0.10'], 'cluster.local')]
        : [];
      for (const component of kubelet) delete component.resolvConf;
      call.out(printDocuments([...documents(), ...kubelet]).trimEnd());
    },
  })),
};

export const config: Command = {
  name: 'config',
  short: 'Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster',
  persistent: ['kubeconfig'],
  commands: [
    images,
    {
      name: 'migrate',
      short: 'Convert a configuration of an older version of the API',
      flags: ['old-config', 'new-config'],
      maxArgs: 0,
      async run(call) {
        const path = call.text('old-config');
        if (!path) throw new KubeadmError('the --old-config flag is mandatory');
        const documents = await readConfiguration(call.host, path);
        const token = `${call.host.random.hex(6)}.${call.host.random.hex(16)}`;
        const text = printDocuments(migrated(call.host, documents, token));
        const target = call.text('new-config');
        if (target) call.host.files.write(target, text);
        else call.out(text.trimEnd());
      },
    },
    print,
    {
      name: 'validate',
      short: 'Read a configuration and tell what is wrong with it',
      flags: ['config'],
      maxArgs: 0,
      async run(call) {
        const path = call.text('config');
        if (!path) throw new KubeadmError('the --config flag is mandatory');
        await readConfiguration(call.host, path);
        call.out('ok');
      },
    },
  ],
};
