import type { ResourceRequest } from '../world.ts';
import { APPLY_PATCH, mediaTypeOf } from './content-types.ts';
import type { FieldError } from './field-errors.ts';
import { goStrings, invalidObject } from './invalid.ts';

const OPTIONS_KIND: Record<string, string> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};
const MAX_MANAGER = 128;

/** Reads the options of a write from its query: dryRun, fieldValidation, fieldManager, force. */
export function checkOptions(request: ResourceRequest): void {
  const { query, headers, verb } = request;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  request.dryRun = dryRun.includes('All');
  const validation = query.get('fieldValidation') ?? '';
  if (validation === 'Strict' || validation === 'Ignore') request.fieldValidation = validation;
  const manager = query.get('fieldManager') ?? '';
  request.manager = manager || managerOf(headers['user-agent'] ?? '');
  const kind = OPTIONS_KIND[verb] ?? (verb.startsWith('delete') ? 'DeleteOptions' : undefined);
  if (!kind) return;
  const errors: FieldError[] = [];
  const applies = verb === 'patch' && mediaTypeOf(headers) === APPLY_PATCH;
  if (applies && manager === '')
    errors.push({ type: 'FieldValueRequired', field: 'fieldManager', detail: 'is required for apply patch' });
  else if (manager.length > MAX_MANAGER)
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      value: manager,
      detail: `may not be more than ${MAX_MANAGER} bytes`,
    });
  if (verb === 'patch' && !applies && query.get('force') !== null)
    errors.push({ type: 'FieldValueForbidden', field: 'force', detail: 'may not be specified for non-apply patch' });
  if (dryRun.some((value) => value !== 'All'))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'dryRun',
      value: goStrings(dryRun),
      detail: 'supported values: "All"',
    });
  if (validation !== '' && !['Strict', 'Warn', 'Ignore'].includes(validation))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'fieldValidation',
      value: validation,
      detail: 'supported values: "", "Ignore", "Strict", "Warn"',
    });
  if (errors.length > 0) throw invalidObject('meta.k8s.io', kind, '', errors);
}

/** The User-Agent up to its first slash, as managedFields name who sent none (prefixFromUserAgent). */
const managerOf = (userAgent: string): string => userAgent.split('/')[0]!.slice(0, MAX_MANAGER);
