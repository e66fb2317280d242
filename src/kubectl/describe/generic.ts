import type { KubeObject } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import { writeMeta } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);
const SKIPPED = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]);

/** `apiVersion` → `API Version`; names with anything but letters and dashes stay as they are. */
export function smartLabel(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  // camelcase.Split: runs of capitals end before the capital that begins a word.
  const words = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}|-+/gu) ?? [field];
  return words
    .map((word) =>
      ACRONYMS.has(word.toUpperCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ');
}

/** Go's %v of a JSON scalar. */
const scalar = (value: unknown): string => (value === null ? '<nil>' : String(value));

function writeFields(w: DescribeWriter, level: number, content: Record<string, unknown>, prefix: string): void {
  for (const field of Object.keys(content).sort()) {
    const value = content[field];
    const path = `${prefix}.${field}`;
    if (SKIPPED.has(path)) continue;
    const label = smartLabel(field);
    if (value === null || typeof value !== 'object') {
      w.row(level, label, scalar(value));
      continue;
    }
    w.write(level, `${label}:\n`);
    if (!Array.isArray(value)) writeFields(w, level + 1, value as Record<string, unknown>, path);
    else
      for (const child of value) {
        if (child && typeof child === 'object' && !Array.isArray(child)) writeFields(w, level + 1, child, path);
        else w.write(level + 1, `${Array.isArray(child) ? `[${child.map(scalar).join(' ')}]` : scalar(child)}\n`);
      }
  }
}

/** A kind without a description of its own: every field, by name. Source: genericDescriber. */
export const describeGeneric: Describer<KubeObject> = async (object, source) => {
  const w = new DescribeWriter();
  writeMeta(w, object);
  writeFields(w, 0, object as unknown as Record<string, unknown>, '');
  return writeEventsOf(w, object, source);
};
