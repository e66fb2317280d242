import { DecodeError, decodeStrict } from '../api/machinery/decode.ts';
import { ApiError } from '../api/request.ts';
import { goJson } from '../base/go-json.ts';
import { readYaml, yamlProblem } from '../base/yaml/parse.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import { type ManifestProblem, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';

/** Why no pod is made of a manifest; `message` is what the kubelet says of it. */
export class ManifestError extends Error {}

/** The pod that the manifest in a file describes (config.extractFromFile); throws ManifestError. */
export function readManifest(text: string, path: string): Pod {
  const notPod = (why: string): ManifestError =>
    new ManifestError(`${path}: couldn't parse as pod(${why}), please check config file`);
  const problem = yamlProblem(text);
  if (problem !== undefined) throw notPod(problem);
  const json = readYaml(text);
  const shown = goJson(json);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw notPod(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${kindOf(json)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    );
  const { apiVersion, kind } = json as { apiVersion?: unknown; kind?: unknown };
  if (!kind) throw notPod(`Object 'Kind' is missing in '${shown}'`);
  if (!apiVersion) throw notPod(`Object 'apiVersion' is missing in '${shown}'`);
  if (kind !== 'Pod' || apiVersion !== 'v1')
    throw notPod(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  try {
    decodeStrict('core/v1.Pod', json);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw notPod(error.message);
  }
  const pod = json as unknown as Pod;
  if (!pod.metadata?.name) throw new ManifestError('invalid pod: name is needed for the pod');
  return pod;
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

/** What validation has against a static pod, as the kubelet says it. */
export function refusal(error: unknown): ManifestError {
  if (!(error instanceof ApiError)) throw error;
  const causes = error.details?.causes ?? [];
  if (causes.length === 0) return new ManifestError(`invalid pod: ${error.message}`);
  return new ManifestError(`invalid pod: [${causes.map(({ field, message }) => `${field}: ${message}`).join(' ')}]`);
}

/** So many problems of a node are still told. */
const KEPT = 5;

/** Keeps what is wrong with a manifest, or that nothing is any more. */
export function noteProblem(world: ActorWorld, node: string, path: string, error: string | undefined): void {
  const section = world.state.section<ManifestProblem[]>(RUNTIME_SECTIONS.manifestProblems);
  const known = section.get(node) ?? [];
  const now = world.now();
  const current = known.find((one) => one.path === path && one.until === undefined);
  if (current?.error === error) return;
  const ended = known.map((one) => (one === current ? { ...one, until: now } : one));
  section.set(node, (error === undefined ? ended : [...ended, { path, error, since: now }]).slice(-KEPT));
}
