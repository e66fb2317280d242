import type { GoFloat } from '../go-float.ts';

/** What a part of a template does to the values that it gets. */
export type JsonPathNode =
  | { kind: 'list'; nodes: JsonPathNode[] }
  | { kind: 'literal'; value: string | number | boolean | GoFloat }
  | { kind: 'field'; name: string }
  | {
      kind: 'slice';
      start?: number;
      end?: number;
      step?: number /** A single index: the end is the next one. */;
      single: boolean;
    }
  | { kind: 'filter'; left: ListNode; operator: string; right: ListNode }
  | { kind: 'wildcard' }
  | { kind: 'recursive' }
  | { kind: 'union'; lists: ListNode[] }
  | { kind: 'identifier'; name: string };

export type ListNode = Extract<JsonPathNode, { kind: 'list' }>;
