import { canonicalQuantity } from '../../../base/quantity.ts';
import { RECORD_FLAG } from '../../change-cause.ts';
import type { Command } from '../../command.ts';
import { CommandError, throwCollected } from '../../errors.ts';
import { SELECTOR_FLAG } from '../../flags/common.ts';
import { podSpecOf, readObjects, selectContainers, setDryRun, setFlags, updateObjects } from './update.ts';

/** `cpu=100m,memory=256Mi` */
function parseList(text: string): Record<string, string> {
  if (!text) return {};
  return Object.fromEntries(
    text.split(',').map((statement) => {
      const parts = statement.split('=');
      if (parts.length !== 2)
        throw new CommandError(`Invalid argument syntax ${statement}, expected <resource>=<value>`);
      return [parts[0]!, canonicalQuantity(parts[1]!)];
    }),
  );
}

export const resources: Command = {
  name: 'resources',
  use: 'resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  short: 'Update resource requests/limits on objects with pod templates',
  examples: `
# Limits for one container of a deployment
kubectl set resources deployment web -c=nginx --limits=cpu=200m,memory=512Mi`,
  flags: [
    ...setFlags(),
    RECORD_FLAG,
    SELECTOR_FLAG,
    {
      name: 'containers',
      shorthand: 'c',
      type: 'string',
      default: '*',
      usage: 'Names of the containers to change, all by default; may hold wildcards',
    },
    { name: 'limits', type: 'string', usage: "What a container may use at most, such as 'cpu=100m,memory=256Mi'." },
    { name: 'requests', type: 'string', usage: "What a container asks for, such as 'cpu=100m,memory=256Mi'." },
  ],
  async run(invocation) {
    const { flags, args } = invocation;
    const infos = await readObjects(invocation, args);
    const dryRun = setDryRun(invocation);
    if (flags.bool('all') && flags.string('selector'))
      throw new CommandError('cannot set --all and --selector at the same time');
    if (!flags.string('limits') && !flags.string('requests'))
      throw new CommandError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    const [limits, requests] = [parseList(flags.string('limits')), parseList(flags.string('requests'))];
    const missing: Error[] = [];
    const errors = await updateObjects(invocation, infos, {
      resources: args,
      dryRun,
      operation: 'resource requirements updated',
      failure: 'failed to patch resources update to pod template ',
      mutate(draft) {
        const containers = selectContainers(podSpecOf(draft), flags.string('containers'));
        if (!containers.length)
          missing.push(new CommandError(`error: unable to find container named ${flags.string('containers')}`));
        for (const container of containers) {
          const old = container.resources ?? {};
          container.resources = {
            ...old,
            ...(Object.keys(limits).length && { limits: { ...old.limits, ...limits } }),
            ...(Object.keys(requests).length && { requests: { ...old.requests, ...requests } }),
          };
        }
        return containers.length > 0;
      },
    });
    throwCollected([...missing, ...errors]);
  },
};
