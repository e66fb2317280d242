/** The content types of patches. */
export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** The content type without its parameters. */
export const mediaTypeOf = (headers: Record<string, string>): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim();

export const JSON_TYPE = 'application/json';
export const PLAIN_TYPE = 'text/plain; charset=utf-8';
export const YAML_TYPE = 'application/yaml';
/** What objects are read and written as; the first for whoever takes anything. */
export const OBJECT_TYPES = [JSON_TYPE, YAML_TYPE, 'application/vnd.kubernetes.protobuf'];
