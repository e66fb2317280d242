/** A jq program as a tree. */
export type Node =
  | { kind: 'identity' | 'recurse' | 'iterate-all' }
  | { kind: 'literal'; value: unknown }
  | { kind: 'string'; format: string; parts: (string | Node)[] }
  | { kind: 'format'; name: string }
  | { kind: 'variable'; name: string }
  | { kind: 'index'; target: Node; key: Node }
  | { kind: 'slice'; target: Node; from: Node | undefined; to: Node | undefined }
  | { kind: 'iterate'; target: Node }
  | { kind: 'array'; body: Node | undefined }
  | { kind: 'object'; entries: [key: Node, value: Node][] }
  | { kind: 'negate'; body: Node }
  | { kind: 'pipe' | 'comma' | 'alternative' | 'and' | 'or'; left: Node; right: Node }
  /** Arithmetic and comparison. */
  | { kind: 'binary'; operator: string; left: Node; right: Node }
  /** `=`, `|=`, `+=` … */
  | { kind: 'assign'; operator: string; left: Node; right: Node }
  | { kind: 'if'; condition: Node; then: Node; otherwise: Node }
  | { kind: 'try'; body: Node; handler: Node | undefined }
  | { kind: 'reduce'; source: Node; pattern: Pattern; initial: Node; update: Node }
  | { kind: 'foreach'; source: Node; pattern: Pattern; initial: Node; update: Node; extract: Node }
  | { kind: 'bind'; source: Node; patterns: Pattern[]; body: Node }
  | { kind: 'label'; name: string; body: Node }
  | { kind: 'break'; name: string }
  | { kind: 'define'; definition: Definition; body: Node }
  | { kind: 'call'; name: string; args: Node[] };

/** What a value is taken apart into. */
export type Pattern =
  | { variable: string }
  | { items: Pattern[] }
  | { entries: { key: Node; variable?: string; pattern?: Pattern }[] };

export interface Definition {
  name: string;
  parameters: string[];
  body: Node;
}
