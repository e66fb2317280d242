import { readDocument, type YamlNode } from '../../base/yaml/nodes.ts';

/** The line (from 0) at which the value at a path like `checks[2].matches.spec` begins: that of the last part that is there. */
export function lineOfPath(text: string, path: string): number {
  let node = readDocument(text);
  let line = node?.line ?? 0;
  for (const part of path.match(/[^.[\]]+/g) ?? []) {
    const next: [YamlNode, number] | undefined = node && child(node, part);
    if (!next) break;
    [node, line] = next;
  }
  return line;
}

function child(node: YamlNode, part: string): [YamlNode, number] | undefined {
  if (node.kind === 'sequence') {
    const item = node.items[Number(part)];
    return item && [item, item.line];
  }
  if (node.kind !== 'mapping') return undefined;
  const pair = node.pairs.find(([key]) => key.kind === 'scalar' && key.value === part);
  return pair && [pair[1], pair[0].line];
}
