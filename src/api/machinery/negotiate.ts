import { badRequest, notAcceptable, notNegotiable } from '../errors.ts';
import { JSON_TYPE, OBJECT_TYPES, YAML_TYPE } from './content-types.ts';
import { invalid } from './field-errors.ts';
import { errorText } from './invalid.ts';

/** The form of objects that a client asks for in its Accept header. */
export type Form = 'object' | 'table' | 'metadata' | 'metadataList';

export interface Representation {
  form: Form;
  /** `meta.k8s.io/v1`: what Table and PartialObjectMetadata say of themselves. */
  metaVersion: string;
  /** `application/yaml`, `application/json` */
  mediaType: string;
  /** Written with indentation, for people. */
  pretty: boolean;
}

const FORMS: Record<string, Form> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadataList',
};
const META_VERSIONS = ['v1', 'v1beta1'];
/** Programs that people read with. */
const HUMAN_AGENTS = /^(curl|Wget|Mozilla\/5\.0)/;

interface Clause {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

/** goautoneg.ParseAccept: the clauses of an Accept header, the best one first. */
function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = Object.fromEntries(rest.map((parameter) => parameter.split('=', 2) as [string, string]));
    const { q, ...others } = parameters;
    return { type: type === '*' ? '*/*' : type, parameters: others, quality: q === undefined ? 1 : Number(q) || 0 };
  });
  const vague = ({ type }: Clause) => (type === '*/*' ? 2 : type.endsWith('/*') ? 1 : 0);
  return clauses.sort((a, b) => b.quality - a.quality || vague(a) - vague(b));
}

const accepts = (clause: string, type: string): boolean =>
  clause === type || clause === '*/*' || (clause.endsWith('/*') && type.startsWith(clause.slice(0, -1)));

/** The form that a clause wants; undefined when the server cannot give it. */
function formOf({ as, g: group = '', v: version = '' }: Record<string, string>, type: string): Form | undefined {
  if (as === undefined && group === '' && version === '') return 'object';
  const form = FORMS[as ?? ''];
  if (!form || group !== 'meta.k8s.io' || !META_VERSIONS.includes(version)) return undefined;
  return form === 'table' && type.endsWith('protobuf') ? undefined : form;
}

/** Whether an answer is written with indentation: as `pretty` says, else for programs that people read with (isPrettyPrint). */
export function isPretty(query: URLSearchParams, headers: Record<string, string>): boolean {
  const asked = query.get('pretty');
  if (asked) return /^(1|t|T|true|TRUE|True)$/.test(asked);
  return HUMAN_AGENTS.test(headers['user-agent'] ?? '');
}

/** Whether whoever wrote this Accept header reads YAML best. */
export const prefersYaml = (accept = ''): boolean =>
  accept.includes(YAML_TYPE) && clausesOf(accept)[0]?.type === YAML_TYPE;

/**
 * How the client wants the answer; throws a 406 when none of the accepted media types can be had. `streams`: as a
 * watch, too; `forms`: as tables and metadata, too.
 */
export function negotiate(
  headers: Record<string, string>,
  query: URLSearchParams,
  { streams = true, forms = true } = {},
): Representation {
  const { accept = '' } = headers;
  const pretty = isPretty(query, headers);
  if (accept.trim() === '') return { form: 'object', metaVersion: '', mediaType: JSON_TYPE, pretty };
  const clauses = clausesOf(accept);
  if (!clauses.some(({ type }) => type === '*/*' || OBJECT_TYPES.includes(type))) throw notAcceptable(streams);
  for (const { type, parameters } of clauses) {
    for (const written of OBJECT_TYPES) {
      const form = accepts(type, written) ? formOf(parameters, written) : undefined;
      if (!form || (form !== 'object' && !forms) || (parameters.stream && parameters.stream !== 'watch')) continue;
      return {
        form,
        metaVersion: `meta.k8s.io/${parameters.v ?? 'v1'}`,
        mediaType: written,
        pretty: pretty || parameters.pretty === '1',
      };
    }
  }
  throw notNegotiable();
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The option includeObject of a table; throws a 400 for a value that is none. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const include = query.get('includeObject') || 'Metadata';
  if (include !== 'None' && include !== 'Metadata' && include !== 'Object') {
    const problem = invalid('includeObject', include, "must be 'Metadata', 'Object', 'None', or empty");
    throw badRequest(`Unable to convert to Table as requested: ${errorText(problem)}`);
  }
  return include;
}
