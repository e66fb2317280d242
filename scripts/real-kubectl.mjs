import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The real kubectl 1.33 of this machine: $KUBEMU_REAL_KUBECTL, or kubectl.1.33 beside the kubectl on PATH. */
export function realKubectl() {
  const { KUBEMU_REAL_KUBECTL: chosen, PATH = '' } = process.env;
  if (chosen) return chosen;
  for (const folder of PATH.split(delimiter)) {
    const found = join(folder, 'kubectl');
    const beside = existsSync(found) && join(dirname(realpathSync(found)), 'kubectl.1.33');
    if (beside && existsSync(beside)) return beside;
  }
  return undefined;
}
