import type { Flag, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { klogHeader } from '../log/klog.ts';
import { boolOf } from './values.ts';

/** Groups of flags that several verbs share, as cmdutil and genericclioptions add them. */

const FORMATS =
  'json, yaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file';

const TEMPLATE_FLAGS: Flag[] = [
  {
    name: 'allow-missing-template-keys',
    type: 'bool',
    default: 'true',
    usage: 'Ignore errors in templates when a field or map key is missing. Only for go-template and jsonpath output.',
  },
  {
    name: 'show-managed-fields',
    type: 'bool',
    usage: 'Keep managedFields when objects are printed as JSON or YAML.',
  },
  {
    name: 'template',
    type: 'string',
    usage:
      'Template, or path of a file with one, for -o=go-template and -o=go-template-file. The format is Go templates [http://golang.org/pkg/text/template/#pkg-overview].',
  },
];

/** -o and what goes with it, for verbs that print the objects that they changed. */
export const PRINT_FLAGS: Flag[] = [
  { name: 'output', shorthand: 'o', type: 'string', usage: `Output format. One of: (${FORMATS}).` },
  ...TEMPLATE_FLAGS,
];

/** -o of `get`, which knows tables too. */
export const GET_PRINT_FLAGS: Flag[] = [
  {
    name: 'output',
    shorthand: 'o',
    type: 'string',
    usage: `Output format. One of: (${FORMATS}, custom-columns, custom-columns-file, wide). See custom columns [https://kubernetes.io/docs/reference/kubectl/#custom-columns], golang template [http://golang.org/pkg/text/template/#pkg-overview] and jsonpath template [https://kubernetes.io/docs/reference/kubectl/jsonpath/].`,
  },
  ...TEMPLATE_FLAGS,
];

export const DRY_RUN_FLAG: Flag = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  noValue: 'unchanged',
  usage:
    'Must be "none", "server", or "client". With client, only print the object that would be sent. With server, send the request but keep nothing of it.',
};

export const fieldManagerFlag = (manager: string): Flag => ({
  name: 'field-manager',
  type: 'string',
  default: manager,
  usage: 'Name of the manager that owns the fields set by this command.',
});

export const VALIDATE_FLAG: Flag = {
  name: 'validate',
  type: 'string',
  default: 'strict',
  noValue: 'strict',
  usage:
    'Must be one of: strict (or true), warn, ignore (or false). "strict" fails the request when a field is unknown or given twice, "warn" only warns, "ignore" drops such fields silently.',
};

export const SAVE_CONFIG_FLAG: Flag = {
  name: 'save-config',
  type: 'bool',
  usage: 'Keep the configuration of the object in its annotation, so that kubectl apply can be used on it later.',
};

export const SELECTOR_FLAG: Flag = {
  name: 'selector',
  shorthand: 'l',
  type: 'string',
  usage:
    "Selector (label query) to filter on; knows '=', '==', '!=', 'in', 'notin' (e.g. -l key1=value1,key2=value2,key3 in (value3)). Objects must meet all of it.",
};

export const FIELD_SELECTOR_FLAG: Flag = {
  name: 'field-selector',
  type: 'string',
  usage:
    "Selector (field query) to filter on; knows '=', '==' and '!=' (e.g. --field-selector key1=value1,key2=value2). Each type supports a few fields only.",
};

export const ALL_NAMESPACES_FLAG: Flag = {
  name: 'all-namespaces',
  shorthand: 'A',
  type: 'bool',
  usage: "Objects of all namespaces; the context's namespace and --namespace are ignored.",
};

export const RECURSIVE_FLAG: Flag = {
  name: 'recursive',
  shorthand: 'R',
  type: 'bool',
  usage: 'Also read the folders below the one given with -f, --filename.',
};

export const filenameFlag = (usage: string): Flag => ({ name: 'filename', shorthand: 'f', type: 'stringSlice', usage });

/** -f, -k and -R. */
export const filenameFlags = (usage: string): Flag[] => [
  filenameFlag(usage),
  {
    name: 'kustomize',
    shorthand: 'k',
    type: 'string',
    usage: 'Folder with a kustomization to build. Cannot be used together with -f or -R.',
  },
  RECURSIVE_FLAG,
];

export const chunkSizeFlag: Flag = {
  name: 'chunk-size',
  type: 'int64',
  default: '500',
  usage: 'Fetch large lists in pieces of this size; 0 fetches them whole. This flag is beta.',
};

/** How a delete treats dependents and the time it waits, for verbs that may delete. */
export const DELETE_FLAGS: Flag[] = [
  {
    name: 'cascade',
    type: 'string',
    default: 'background',
    noValue: 'background',
    usage:
      'Must be "background", "orphan", or "foreground": what happens to the dependents, for instance pods of a controller.',
  },
  {
    name: 'force',
    type: 'bool',
    usage:
      'Remove objects from the API at once, without graceful deletion. This may lose data or leave things running.',
  },
  {
    name: 'grace-period',
    type: 'int',
    default: '-1',
    usage:
      'Seconds that the object has to end gracefully. Ignored when negative; 1 for immediate shutdown; 0 only together with --force.',
  },
  {
    name: 'timeout',
    type: 'duration',
    default: '0s',
    usage: 'How long to wait for a delete; zero takes a time that fits the object',
  },
];

export const waitFlag = (initial: string): Flag => ({
  name: 'wait',
  type: 'bool',
  default: initial,
  usage: 'Wait until the objects are gone, finalizers included.',
});

/** How long to wait until a pod runs, at most. */
export const podRunningTimeoutFlag = (initial: string): Flag => ({
  name: 'pod-running-timeout',
  type: 'duration',
  default: initial,
  usage: 'How long (5s, 2m, or 3h, more than zero) to wait until a pod runs',
});

/** The container of a pod that is meant, and the streams to it; `source`: whose output is printed alone with --quiet. */
export const streamFlags = (source: 'command' | 'container'): Flag[] => [
  {
    name: 'container',
    shorthand: 'c',
    type: 'string',
    usage:
      'Container name. Without it, the one that the annotation kubectl.kubernetes.io/default-container names, or the first of the pod',
  },
  podRunningTimeoutFlag('1m0s'),
  { name: 'quiet', shorthand: 'q', type: 'bool', usage: `Print nothing but the output of the ${source}` },
  { name: 'stdin', shorthand: 'i', type: 'bool', usage: 'Pass stdin to the container' },
  { name: 'tty', shorthand: 't', type: 'bool', usage: 'Stdin is a TTY' },
];

export const subresourceFlag = (usage: string): Flag => ({ name: 'subresource', type: 'string', usage });

export type DryRun = 'none' | 'client' | 'server';

/** The flags of those who have been told that their --dry-run is of old: one command asks more than once. */
const TOLD = new WeakSet<object>();

/** What --dry-run says (cmdutil.GetDryRunStrategy); throws for anything but its three values and the booleans of old. */
export function dryRunStrategy({ flags, environment }: Pick<Invocation, 'flags' | 'environment'>): DryRun {
  const text = flags.string('dry-run');
  if (text === 'none' || text === 'client' || text === 'server') return text;
  const deprecated = (message: string) => {
    if (!TOLD.has(flags)) environment.io.err(`${klogHeader(environment.now())} helpers.go:${message}\n`);
    TOLD.add(flags);
  };
  if (text === 'unchanged') {
    deprecated('703] --dry-run is deprecated and can be replaced with --dry-run=client.');
    return 'client';
  }
  const old = boolOf(text);
  if (old !== undefined) {
    const [strategy, line] = old ? (['client', 717] as const) : (['none', 720] as const);
    deprecated(
      `${line}] --dry-run=${text} is deprecated (boolean value) and can be replaced with --dry-run=${strategy}.`,
    );
    return strategy;
  }
  throw new CommandError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
}

/** The `dryRun` query parameter of a request. */
export const dryRunQuery = (strategy: DryRun): { dryRun?: string } => (strategy === 'server' ? { dryRun: 'All' } : {});

/** What --validate asks of the server: the `fieldValidation` query parameter. */
export function validationDirective({ flags }: Pick<Invocation, 'flags'>): 'Strict' | 'Warn' | 'Ignore' {
  const text = flags.string('validate');
  if (/^(strict|true|t|1)$/i.test(text)) return 'Strict';
  if (text === 'warn') return 'Warn';
  if (/^(ignore|false|f|0)$/i.test(text)) return 'Ignore';
  throw new CommandError(
    `invalid - validate option ${JSON.stringify(text)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
}

/** Throws cobra's words when flags that a command needs were not given. */
export function requireFlags({ flags }: Pick<Invocation, 'flags'>, names: string[]): void {
  const missing = names.filter((name) => !flags.changed(name)).map((name) => JSON.stringify(name));
  if (missing.length > 0) throw new CommandError(`required flag(s) ${missing.join(', ')} not set`);
}

/** A wrong command line, with where to read how it should be (cmdutil.UsageErrorf). */
export const usageError = ({ commandPath }: Pick<Invocation, 'commandPath'>, message: string): CommandError =>
  new CommandError(`${message}\nSee '${commandPath} -h' for help and examples`);

/** Throws when a verb that needs -f or -k has neither, or both. */
export function requireFilenames({ flags }: Pick<Invocation, 'flags'>): void {
  const files = flags.strings('filename').length > 0;
  const kustomize = flags.string('kustomize') !== '';
  if (files && kustomize) throw new CommandError('only one of -f or -k can be specified');
  if (!files && !kustomize) throw new CommandError('must specify one of -f and -k');
  if (kustomize && flags.bool('recursive')) throw new CommandError("the -k flag can't be used with -f or -R");
}

/** What --raw names; throws unless it is a path or a URL. */
export function rawUri({ flags }: Pick<Invocation, 'flags'>): string {
  const uri = flags.string('raw');
  const isUri = /^(\/|https?:)/.test(uri);
  const [wrong] = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(uri.replace(/\?.*/s, '')) ?? [];
  if (isUri && wrong === undefined) return uri;
  const why = isUri ? `invalid URL escape ${JSON.stringify(wrong)}` : 'invalid URI for request';
  throw new CommandError(`--raw must be a valid URL path: parse ${JSON.stringify(uri)}: ${why}`);
}

/** What --local says to names, which only the server could explain. */
export const localRefusal = (): CommandError =>
  new CommandError(
    "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
  );
