import { goJson, type JsonValue } from '../../base/go-json.ts';
import type { KubeconfigFile } from './config.ts';
import { goType, isStruct, plainType, STRUCTS, type StructName } from './structs.ts';

type Fields = Record<string, JsonValue>;

const SCHEME = '"k8s.io/client-go/tools/clientcmd/api/latest/latest.go:50"';
/** What apimachinery reads first of any document. */
const META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
const INTERACTIVE_BEFORE_V1 = /^client\.authentication\.k8s\.io\/v1(alpha|beta)1$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: JsonValue): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'bigint'
        ? 'number'
        : typeof value;

/**
 * What a kubeconfig's document holds, as its codec reads it: unknown fields are left out, the first field of a wrong type is refused
 * in encoding/json's words.
 */
export async function decodeKubeconfig(document: JsonValue): Promise<KubeconfigFile> {
  checkKind(document);
  if (document === null) return {};
  const decoder = new Decoder();
  const config = decoder.struct(document, 'Config', [], '') as KubeconfigFile;
  for (const text of decoder.suspicious) {
    const { corruptBase64 } = await import('../../api/machinery/decode.ts');
    const at = corruptBase64(text);
    if (at !== undefined) throw new Error(`illegal base64 data at input byte ${at}`);
  }
  if (decoder.error) throw decoder.error;
  return config;
}

function checkKind(document: JsonValue): void {
  const wrong = (value: JsonValue, where: string) =>
    new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${kindOf(value)} into Go ${where}`);
  if (document === null) return;
  if (!isFields(document)) throw wrong(document, `value of type ${META}`);
  for (const field of ['apiVersion', 'kind']) {
    const value = document[field];
    if (typeof value !== 'string' && value !== undefined && value !== null) {
      throw wrong(value, `struct field .${field} of type string`);
    }
  }
  const [kind, version] = [document.kind || 'Config', document.apiVersion || 'v1'];
  if (kind === 'Config' && version === 'v1') return;
  const problem = `no kind ${goJson(kind)} is registered for version ${goJson(version)}`;
  throw new Error(`${problem} in scheme ${SCHEME}`);
}

class Decoder {
  error: Error | undefined;
  /** Data that may be no base64. */
  readonly suspicious: string[] = [];

  struct(value: JsonValue, struct: StructName, path: string[], within: string): Fields | undefined {
    if (!isFields(value)) return this.wrong(value, struct, path, within);
    const types = STRUCTS[struct] as Record<string, string>;
    const known = Object.keys(value)
      .sort()
      .flatMap((key): [string, JsonValue][] => {
        const field = key in types ? key : Object.keys(types).find((name) => name.toLowerCase() === key.toLowerCase());
        if (!field || value[key] === null) return [];
        const decoded = this.value(value[key]!, plainType(types[field]!), [...path, field], struct);
        return decoded === undefined ? [] : [[field, decoded]];
      });
    const decoded: Fields = Object.fromEntries(known);
    if (struct === 'ExecConfig' && !decoded.interactiveMode && INTERACTIVE_BEFORE_V1.test(String(decoded.apiVersion))) {
      decoded.interactiveMode = 'IfAvailable';
    }
    return decoded;
  }

  private value(value: JsonValue, type: string, path: string[], within: string): JsonValue | undefined {
    if (type === 'raw') return value;
    if (isStruct(type)) return this.struct(value, type, path, within);
    if (type.startsWith('[]')) {
      if (!Array.isArray(value)) return this.wrong(value, type, path, within);
      const of = type.slice(2);
      return value.map((each) =>
        each === null ? (isStruct(of) ? {} : '') : (this.value(each, of, path, within) ?? ''),
      );
    }
    if (type.startsWith('{}')) {
      if (!isFields(value)) return this.wrong(value, type, path, within);
      const of = type.slice(2);
      return Object.fromEntries(
        Object.entries(value).map(([key, each]) => [key, this.value(each, of, path, within) ?? '']),
      );
    }
    if (type === 'bool') return typeof value === 'boolean' ? value : this.wrong(value, type, path, within);
    if (typeof value !== 'string') return this.wrong(value, type, path, within);
    if (type === 'bytes' && !BASE64.test(value)) this.suspicious.push(value);
    return value;
  }

  private wrong(value: JsonValue, type: string, path: string[], within: string): undefined {
    this.error ??= new Error(
      `json: cannot unmarshal ${kindOf(value)} into Go struct field ${within}.${path.join('.')} of type ${goType(type)}`,
    );
  }
}
