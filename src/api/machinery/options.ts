import type { ResourceRequest } from '../world.ts';
import { APPLY_PATCH, mediaTypeOf } from './content-types.ts';
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from './field-errors.ts';
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
  if (manager.length > MAX_MANAGER) errors.push(tooLong(MANAGER, manager, MAX_MANAGER));
  errors.push(...unprintable(manager));
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

function unprintable(manager: string): FieldError[] {
  return [...manager].flatMap((character, index) => {
    if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return [];
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const position = Buffer.byteLength([...manager].slice(0, index).join(''));
    return [invalid(MANAGER, manager, `invalid character U+${code} (at position ${position})`)];
  });
}

/** The User-Agent up to its first slash, as managedFields name who sent none (prefixFromUserAgent). */
const managerOf = (userAgent: string): string => userAgent.split('/')[0]!.slice(0, MAX_MANAGER);
