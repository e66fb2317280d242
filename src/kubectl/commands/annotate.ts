import { CommandError } from '../errors.ts';
import { metadataCommand } from './metadata/command.ts';

const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** cmdutil.ParsePairs, then validateAnnotations. */
function parseAnnotations(specs: string[]): { set: Record<string, string>; remove: string[] } {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  const invalid: string[] = [];
  for (const spec of specs) {
    const at = spec.indexOf('=');
    if (at > 0) set[spec.slice(0, at)] = spec.slice(at + 1);
    else if (spec.endsWith('-') && spec !== '-') remove.push(spec.slice(0, -1));
    else invalid.push(spec);
  }
  if (invalid.length) throw new CommandError(`invalid annotation format: ${invalid.join(', ')}`);
  const both = remove.filter((key) => key in set);
  if (both.length)
    throw new CommandError(
      `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
    );
  return { set, remove };
}

export default metadataCommand({
  name: 'annotate',
  use: 'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the annotations on a resource',
  examples: `
# Note who looks after a pod
kubectl annotate pods web owner='team a'`,
  field: 'annotations',
  what: 'annotation',
  files: 'rsrc',
  parse: parseAnnotations,
  refuseOverwrites(current, set) {
    const taken = Object.keys(set).filter(
      (key) => key !== CHANGE_CAUSE && current[key] !== undefined && current[key] !== set[key],
    );
    if (!taken.length) return;
    const list = taken.map((key) => `'${key}' already has a value (${current[key]})`).join('; ');
    throw new CommandError(`--overwrite is false but found the following declared annotation(s): ${list}`);
  },
  operation: 'annotated',
  listsOrPrints: false,
  tellsMissing: false,
  showsAnswer: true,
});
