import { badRequest } from '../errors.ts';
import type { ApiError } from '../request.ts';
import { jsonKind } from './decode.ts';
import { type FieldError, forbidden, invalid, notSupported } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { isObject } from './patch/json-value.ts';
import { revisionError } from './revision.ts';
import { isTrue } from './routing.ts';

/** metav1.ListOptions without its selectors. */
export interface ListOptions {
  /** 0: no pages. */
  limit: number;
  continue: string;
  /** As given: '' and '0' mean something else than any number. */
  resourceVersion: string;
  match: string;
  allowWatchBookmarks: boolean;
  timeoutSeconds: number;
}

const EXACT = 'Exact';
const NOT_OLDER_THAN = 'NotOlderThan';
const MATCH = 'resourceVersionMatch';

function integer(text: string | null, parse: 'ParseInt' | 'ParseUint'): number {
  if (text === null || text === '') return 0;
  if (!(parse === 'ParseInt' ? /^[-+]?[0-9]+$/ : /^[0-9]+$/).test(text))
    throw badRequest(`strconv.${parse}: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** Reads and checks the options of a list or watch; throws what the real one answers for those that are none. */
export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const options: ListOptions = {
    timeoutSeconds: integer(query.get('timeoutSeconds'), 'ParseInt'),
    limit: integer(query.get('limit'), 'ParseInt'),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get(MATCH) ?? '',
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
  const errors = (watch ? watchProblems : listProblems)(options, query.get('sendInitialEvents') !== null);
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'ListOptions', '', errors);
  return options;
}

/** internalversion/validation.ValidateListOptions */
function listProblems(options: ListOptions, sendInitialEvents: boolean): FieldError[] {
  const { match, resourceVersion } = options;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '')
      errors.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
    if (options.continue !== '') errors.push(forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
    if (match !== EXACT && match !== NOT_OLDER_THAN)
      errors.push(notSupported(MATCH, match, [EXACT, NOT_OLDER_THAN, '']));
    if (match === EXACT && resourceVersion === '0')
      errors.push(forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`));
  }
  if (sendInitialEvents) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

/** validateWatchOptions, with the WatchList feature off, as 1.33 has it. */
function watchProblems({ match, continue: token }: ListOptions, sendInitialEvents: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents) {
    if (match !== NOT_OLDER_THAN)
      errors.push(forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to ${NOT_OLDER_THAN}`));
    errors.push(
      forbidden(
        'sendInitialEvents',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      ),
    );
  }
  if (match !== '') {
    if (!sendInitialEvents)
      errors.push(forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`));
    if (match !== NOT_OLDER_THAN) errors.push(notSupported(MATCH, match, [NOT_OLDER_THAN]));
    if (token !== '') errors.push(forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
  }
  return errors;
}

/** The words of a resourceVersion that is no number; undefined for one that is, or for none. */
export function revisionProblem(resourceVersion: string): FieldError | undefined {
  const problem = revisionError(resourceVersion);
  return problem ? invalid('resourceVersion', resourceVersion, problem) : undefined;
}

/** The revision from which to list: the present one, the one of `Exact`, or of a page (legacy) that names one. */
export function exactRevision({ match, resourceVersion, limit }: ListOptions): number | undefined {
  if (match === EXACT || (match === '' && limit > 0 && Number(resourceVersion) > 0)) return Number(resourceVersion);
  return undefined;
}

/** What a page of a list goes on from. */
export interface ContinueToken {
  /** -1: whatever is newest. */
  revision: number;
  /** The key after which it goes on, relative to the resource's own prefix. */
  start: string;
}

const TOKEN_VERSION = 'meta.k8s.io/v1';

/** storage.EncodeContinue: the page after the object of this key. */
export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv: revision, start: `${start}\0` })).toString('base64url');
}

/** What a token holds, by its Go type. */
const TOKEN = { v: 'string', rv: 'int64', start: 'string' };

/** The JSON of a token as its Go struct. */
function tokenOf(read: unknown, refused: (why: string) => ApiError): { v: string; rv: number; start: string } {
  const cannot = (value: unknown, into: string) => refused(`: json: cannot unmarshal ${jsonKind(value)} into ${into}`);
  if (read !== null && !isObject(read)) throw cannot(read, 'Go value of type storage.continueToken');
  for (const [name, type] of Object.entries(TOKEN)) {
    const value = read?.[name] ?? undefined;
    const fits = type === 'int64' ? Number.isInteger(value) : typeof value === type;
    if (value !== undefined && !fits) throw cannot(value, `Go struct field continueToken.${name} of type ${type}`);
  }
  return { v: '', rv: 0, start: '', ...read };
}

/** storage.DecodeContinue; throws a 400 in its words. */
export function decodeContinue(token: string): ContinueToken {
  const refused = (why: string) => badRequest(`invalid continue token: continue key is not valid${why}`);
  const bad = token.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0) throw refused(`: illegal base64 data at input byte ${bad}`);
  if (token.length % 4 === 1) throw refused(`: illegal base64 data at input byte ${token.length - 1}`);
  const text = Buffer.from(token, 'base64url').toString();
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    // What decodes to no JSON was no base64 of ours: its first character is what encoding/json stumbles over.
    const [first = ''] = text.trim();
    throw refused(
      first === '{' || first === ''
        ? ': unexpected end of JSON input'
        : `: invalid character ${first === "'" ? `'\\''` : `'${first}'`} looking for beginning of value`,
    );
  }
  const { v, rv, start } = tokenOf(read, refused);
  if (v !== TOKEN_VERSION) throw refused(`: server does not recognize this encoded version ${v}`);
  if (rv === 0) throw refused(`: incorrect encoded start resourceVersion (version ${TOKEN_VERSION})`);
  if (start === '') throw refused(`: encoded start key empty (version ${TOKEN_VERSION})`);
  if (/(^|\/)\.{0,2}(\/|$)/.test(start.replace(/\0$/, '').replace(/^\//, ''))) throw refused(`: ${start}`);
  return { revision: rv, start: start.replace(/\0$/, '') };
}
