import type { JsonValue } from '../go-json.ts';
import { decodeJson, JsonEndError, JsonSyntaxError } from '../go-json-parse.ts';
import { parseYaml } from './parse.ts';

/** Splits a stream at lines that start with `---`, as apimachinery's YAMLReader: lazily, since a bad separator fails only when reached. */
export function* splitDocuments(text: string): Generator<string> {
  let document = '';
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines.map((each) => `${each.replace(/\r$/, '')}\n`)) {
    if (line.startsWith('---')) {
      const rest = line.slice(3).trim();
      if (rest !== '' && !rest.startsWith('#')) throw new Error(`invalid Yaml document separator: ${rest}`);
      if (document !== '') {
        yield document;
        document = '';
        continue;
      }
    }
    document += line;
  }
  if (document !== '') yield document;
}

/**
 * The documents of a manifest as kubectl's YAMLOrJSONDecoder gives them, one after the other (empty ones as null): JSON when it starts with `{`, else YAML.
 * Throws what kubectl prints after "error parsing FILE: ".
 */
export async function* decodeDocuments(text: string): AsyncGenerator<JsonValue> {
  let rest = text;
  let jsonError: Error | undefined;
  if (/^\s*\{/.test(text)) {
    for (let from = 0, count = 0; ; count++) {
      try {
        const found = decodeJson(text, from);
        if (!found) return;
        from = found.end;
        yield found.value;
      } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error;
        const ended = error instanceof JsonEndError;
        if (count > 1) throw ended ? new Error('unexpected EOF') : error;
        jsonError = new Error(ended ? 'unexpected EOF' : `json: offset ${error.offset}: ${error.message}`);
        rest = text.slice(from);
        // apimachinery looks at four bytes to see how YAML would go on.
        if (Buffer.byteLength(rest) < 4) throw jsonError;
        break;
      }
    }
  }
  for (const document of splitDocuments(rest)) {
    const value = await parseYaml(document).catch((error: Error) => {
      throw jsonError ?? error;
    });
    yield value;
  }
}
