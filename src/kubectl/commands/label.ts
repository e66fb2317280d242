import { isLabelValue } from '../../base/names.ts';
import { CommandError } from '../errors.ts';
import { complain, metadataCommand } from './metadata/command.ts';

/** `key=value` and `key-`; a value that no label can have is refused here already. */
function parseLabels(specs: string[]): { set: Record<string, string>; remove: string[] } {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const spec of specs) {
    const parts = spec.split('=');
    if (parts.length === 2) {
      const errors = isLabelValue(parts[1]!);
      if (errors.length) throw new CommandError(`invalid label value: ${JSON.stringify(spec)}: ${errors.join(';')}`);
      set[parts[0]!] = parts[1]!;
    } else if (parts.length > 2) throw new CommandError(`invalid label spec: ${spec}`);
    else if (spec.endsWith('-')) remove.push(spec.slice(0, -1));
    else throw new CommandError(`unknown label spec: ${spec}`);
  }
  if (remove.some((key) => key in set))
    throw new CommandError('can not both modify and remove a label in the same command');
  return { set, remove };
}

export default metadataCommand({
  name: 'label',
  use: 'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the labels on a resource',
  examples: `
# Give a pod a label, and take another away
kubectl label pod web tier=front unhealthy-

# Change a label that it has
kubectl label --overwrite pod web status=healthy`,
  field: 'labels',
  what: 'label',
  files: 'pod',
  parse: parseLabels,
  refuseOverwrites(current, set) {
    const taken = Object.keys(set).filter((key) => current[key] !== undefined && current[key] !== set[key]);
    complain(taken.map((key) => `'${key}' already has a value (${current[key]}), and --overwrite is false`));
  },
  operation(before, after, overwrite) {
    if (before === after) return 'not labeled';
    return !overwrite && after.length < before.length ? 'unlabeled' : 'labeled';
  },
  tellsMissing: true,
  showsAnswer: false,
  listsOrPrints: true,
});
