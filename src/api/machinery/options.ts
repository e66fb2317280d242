import { validateFieldManager } from '../kinds/shared/object-meta.ts';
import type { ResourceRequest } from '../world.ts';
import { APPLY_PATCH, mediaTypeOf } from './content-types.ts';
import { type FieldError, forbidden, notSupported, required } from './field-errors.ts';
import { goStrings, invalidObject } from './invalid.ts';

const OPTIONS_KIND: Record<string, string> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};
const MAX_MANAGER = 128;
const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const MANAGER = 'fieldManager';

/** Reads the options of a write from its query: dryRun, fieldValidation, fieldManager, force. Those of deletes: deleteOptions. */
export function checkOptions(request: ResourceRequest): void {
  const { query, headers, verb } = request;
  const kind = OPTIONS_KIND[verb];
  const manager = (kind && query.get(MANAGER)) ?? '';
  request.manager = manager || managerOf(headers['user-agent'] ?? '');
  if (!kind) return;
  const dryRun = query.getAll('dryRun');
  request.dryRun = dryRun.includes('All');
  const validation = query.get('fieldValidation') ?? '';
  if (validation === 'Strict' || validation === 'Ignore') request.fieldValidation = validation;
  const errors: FieldError[] = [];
  const applies = verb === 'patch' && mediaTypeOf(headers) === APPLY_PATCH;
  if (applies && manager === '') errors.push(required(MANAGER, 'is required for apply patch'));
  errors.push(...validateFieldManager(manager, MANAGER));
  if (verb === 'patch' && !applies && query.get('force') !== null)
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  errors.push(...dryRunProblems(dryRun));
  if (!VALIDATIONS.includes(validation)) errors.push(notSupported('fieldValidation', validation, VALIDATIONS));
  if (errors.length > 0) throw invalidObject('meta.k8s.io', kind, '', errors);
}

/** ValidateDryRun: what stands there besides `All`. */
export function dryRunProblems(dryRun: readonly string[]): FieldError[] {
  if (dryRun.every((value) => value === 'All')) return [];
  return [notSupported('dryRun', goStrings(dryRun), ['All'])];
}

/** The User-Agent up to its first slash, as managedFields name who sent none (prefixFromUserAgent). */
const managerOf = (userAgent: string): string => userAgent.split('/')[0]!.slice(0, MAX_MANAGER);
