import { RECORD_FLAG } from '../../change-cause.ts';
import type { Command } from '../../command.ts';
import { CommandError, throwCollected } from '../../errors.ts';
import { SELECTOR_FLAG } from '../../flags/common.ts';
import { podSpecOf, readObjects, setDryRun, setFlags, splitPairs, updateObjects } from './update.ts';

/** `container=image` pairs. */
function parseImages(pairs: string[]): Map<string, string> {
  const invalid = pairs.filter((pair) => pair.indexOf('=') <= 0);
  if (invalid.length) throw new CommandError(`invalid image format: ${invalid.join(', ')}`);
  return new Map(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

export const image: Command = {
  name: 'image',
  use: 'image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  short: 'Update the image of a pod template',
  examples: `
# Another version for one container of a deployment
kubectl set image deployment/web nginx=nginx:1.28

# The same image for every container of all deployments
kubectl set image deployments '*=nginx:1.28' --all`,
  flags: [...setFlags(), SELECTOR_FLAG, RECORD_FLAG],
  async run(invocation) {
    const { flags, args } = invocation;
    const { resources, pairs } = splitPairs(args, 'image');
    const images = parseImages(pairs);
    const infos = await readObjects(invocation, resources);
    const problems: Error[] = [];
    const wrong = (message: string) => problems.push(new CommandError(message));
    if (flags.bool('all') && flags.string('selector')) wrong('cannot set --all and --selector at the same time');
    if (!resources.length && !flags.strings('filename').length && !flags.string('kustomize'))
      wrong('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    if (!images.size) wrong('at least one image update is required');
    else if (images.size > 1 && images.has('*'))
      wrong('all containers are already specified by *, but saw more than one container_name=container_image pairs');
    throwCollected(problems);
    const dryRun = setDryRun(invocation);
    const missing: Error[] = [];
    const errors = await updateObjects(invocation, infos, {
      resources,
      dryRun,
      operation: 'image updated',
      failure: 'failed to patch image update to pod template: ',
      mutate(draft) {
        const spec = podSpecOf(draft);
        for (const [name, wanted] of images) {
          const found = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
            (c) => name === '*' || c.name === name,
          );
          for (const container of found) container.image = wanted;
          if (!found.length)
            missing.push(new CommandError(`error: unable to find container named ${JSON.stringify(name)}`));
        }
      },
    });
    throwCollected([...missing, ...errors]);
  },
};
