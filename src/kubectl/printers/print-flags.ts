import { goJson } from '../../base/go-json.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { DryRun } from '../flags/common.ts';

/** An object as a printer sees it. */
export interface Printable {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string; managedFields?: unknown };
  [field: string]: unknown;
}

/** Prints one object and answers its text. */
export type ObjectPrinter = (object: Printable) => string;

/** `deployment.apps/web`: kind in lower case, group, name (printers.NamePrinter). */
export function resourceName(object: Printable): string {
  const group = object.apiVersion?.includes('/') ? `.${object.apiVersion.split('/')[0]}` : '';
  return `${(object.kind || '<unknown>').toLowerCase()}${group}/${object.metadata?.name || '<unknown>'}`;
}

/** What stands behind the operation of a dry run: `created (dry run)`. */
export const dryRunSuffix = (dryRun: DryRun): string =>
  dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';

/** printers.OmitManagedFieldsPrinter */
function withoutManagedFields(object: Printable): Printable {
  if (Array.isArray(object.items)) return { ...object, items: (object.items as Printable[]).map(withoutManagedFields) };
  if (!object.metadata?.managedFields) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const TEMPLATE_FORMATS = [
  'go-template',
  'go-template-file',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'template',
  'templatefile',
];

/** The formats of PrintFlags. */
const ALLOWED = [...TEMPLATE_FORMATS, 'json', 'name', 'yaml'];

/**
 * The printer that -o and --template choose, for verbs that print what they did (PrintFlags.ToPrinter). Without -o, or with
 * -o name, it prints names: followed by the operation, or alone. `typed` objects print as JSON in the order of their fields, as
 * Go structs do; others in alphabetical order.
 */
export async function printerFor(
  invocation: Invocation,
  operation: string,
  { dryRun = 'none', typed = false }: { dryRun?: DryRun; typed?: boolean } = {},
): Promise<ObjectPrinter> {
  const output = outputFormat(invocation);
  if (output === '') return (object) => `${resourceName(object)} ${operation}${dryRunSuffix(dryRun)}\n`;
  return structuredPrinter(invocation, output, { typed });
}

/** What -o says; --template alone means go-template. */
export function outputFormat({ flags }: Invocation): string {
  if (!flags.has('output')) return '';
  const template = flags.has('template') && flags.string('template') !== '';
  if (template && !flags.changed('output')) return 'go-template';
  return flags.string('output') || (template ? 'go-template' : '');
}

/** The printer of a format that shows whole objects; `also` are the formats that the verb prints itself, for the error. */
export async function structuredPrinter(
  invocation: Invocation,
  output: string,
  { typed = false, also = [] }: { typed?: boolean; also?: string[] } = {},
): Promise<ObjectPrinter> {
  const { flags } = invocation;
  const keep = flags.has('show-managed-fields') && flags.bool('show-managed-fields');
  const shown = (object: Printable) => (keep ? object : withoutManagedFields(object));
  const plain = output.toLowerCase();
  if (plain === 'name') return printNames;
  if (plain === 'json') return (object) => `${goJson(shown(object), { indent: '    ', sortKeys: !typed })}\n`;
  if (plain === 'yaml') {
    const { emitYaml } = await import('../../base/yaml/emit.ts');
    let printed = 0;
    return (object) => (printed++ ? '---\n' : '') + emitYaml(shown(object));
  }
  const [format = ''] = output.split('=');
  if (!TEMPLATE_FORMATS.includes(format)) {
    const allowed = [...ALLOWED, ...also].sort().join(',');
    throw new CommandError(
      `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed}`,
    );
  }
  const { templatePrinter } = await import('./template.ts');
  return templatePrinter(invocation, output, flags.has('template') ? flags.string('template') : '', typed);
}

/** A list's names, or the object's own. */
function printNames(object: Printable): string {
  if (Array.isArray(object.items)) return (object.items as Printable[]).map(printNames).join('');
  return `${resourceName(object)}\n`;
}
