/** Where a path leads, below /api/VERSION or /apis/GROUP/VERSION. */
export interface ResourcePath {
  group: string;
  version: string;
  namespace: string;
  plural: string;
  name: string;
  subresource: string;
  /** What follows the subresource, without the slash between. */
  rest: string;
  /** The old form of a watch: `/api/v1/watch/pods`. */
  watch: boolean;
}

/** apiserver's RequestInfoFactory: undefined for paths that are no resources. A namespace's own path has it as namespace, too. */
export function parsePath(path: string): ResourcePath | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'apis' ? parts.shift() : '';
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0) return undefined;
  const decoded = parts.map(unescapePart);
  const watch = decoded[0] === 'watch' && decoded.length > 1;
  if (watch) decoded.shift();
  let namespace = '';
  if (decoded[0] === 'namespaces' && decoded.length > 1) {
    namespace = decoded[1]!;
    // /namespaces/x, /namespaces/x/status and /namespaces/x/finalize are the namespace itself.
    if (decoded.length > 2 && !(decoded.length === 3 && (decoded[2] === 'status' || decoded[2] === 'finalize')))
      decoded.splice(0, 2);
  }
  const [plural = '', name = '', subresource = '', ...rest] = decoded;
  return { group, version, namespace, plural, name, subresource, rest: rest.join('/'), watch };
}

/** A part of a path or header without its percent signs; as it is, where they mean nothing. */
export function unescapePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const VERBS: Record<string, string> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
};

/** The verb that authorization and discovery know a request by. */
export function verbOf(method: string, name: string, query: URLSearchParams): string {
  const verb = VERBS[method] ?? '';
  if (name !== '') return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** A boolean parameter: `true`, `1`, or given without a value. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value.toLowerCase() !== 'false' && value !== '0';
