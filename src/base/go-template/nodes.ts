import type { GoFloat } from '../go-float.ts';

interface At {
  /** Offset of the node in the template. */
  position: number;
}

export interface Pipeline extends At {
  kind: 'pipeline';
  variables: string[];
  /** Whether `=` sets variables that exist, instead of `:=` declaring them. */
  assigns: boolean;
  commands: Command[];
}

export interface Command extends At {
  kind: 'command';
  words: Operand[];
}

export type Operand =
  | (At & { kind: 'dot' | 'nil' })
  | (At & { kind: 'bool'; value: boolean })
  | (At & { kind: 'string'; value: string; source: string })
  /** Constants of type int are bigints. */
  | (At & { kind: 'number'; value: bigint | GoFloat; source: string })
  | (At & { kind: 'field'; names: string[] })
  | (At & { kind: 'variable'; name: string; names: string[] })
  | (At & { kind: 'identifier'; name: string })
  | (At & { kind: 'chain'; operand: Operand; names: string[] })
  | Pipeline;

export type Statement =
  | (At & { kind: 'text'; text: string })
  | (At & { kind: 'action'; pipeline: Pipeline })
  | (At & { kind: 'if' | 'with' | 'range'; pipeline: Pipeline; body: Statement[]; otherwise?: Statement[] })
  | (At & { kind: 'template'; name: string; pipeline?: Pipeline })
  | (At & { kind: 'break' | 'continue' });

const fields = (names: string[]) => names.map((name) => `.${name}`).join('');

/** A node as error messages show it. */
export function showNode(node: Operand | Command | Statement): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'bool':
      return String(node.value);
    case 'string':
    case 'number':
      return node.source;
    case 'field':
      return fields(node.names);
    case 'variable':
      return node.name + fields(node.names);
    case 'identifier':
      return node.name;
    case 'chain': {
      const inner = showNode(node.operand);
      return (node.operand.kind === 'pipeline' ? `(${inner})` : inner) + fields(node.names);
    }
    case 'pipeline': {
      const declared = node.variables.length > 0 ? `${node.variables.join(', ')} ${node.assigns ? '=' : ':='} ` : '';
      return declared + node.commands.map(showNode).join(' | ');
    }
    case 'command':
      return node.words.map((word) => (word.kind === 'pipeline' ? `(${showNode(word)})` : showNode(word))).join(' ');
    case 'action':
      return `{{${showNode(node.pipeline)}}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipeline ? ` ${showNode(node.pipeline)}` : ''}}}`;
    case 'text':
      return node.text;
    case 'if':
    case 'with':
    case 'range':
      return `{{${node.kind} ${showNode(node.pipeline)}}}`;
    default:
      return node.kind === 'nil' ? 'nil' : `{{${node.kind}}}`;
  }
}
