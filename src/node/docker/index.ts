import { goJson } from '../../base/go-json.ts';
import { executeTemplate } from '../../base/go-template/index.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, type Options, ok, parseOptions, ToolError } from '../../sh/tools/tool.ts';
import { containerLog, sinceTime } from '../container-logs.ts';
import { humanDuration, humanSize } from '../crictl/format.ts';
import { findImage, imagesOf } from '../crictl/records.ts';
import { CriError, type NodeHost } from '../host.ts';
import { readUnit } from '../systemd/units.ts';
import { documentOf } from './inspect.ts';
import { passes, shown } from './lists.ts';
import {
  builtAt,
  commandText,
  containerNamed,
  type DockerContainer,
  DockerError,
  daemonError,
  dockerContainers,
  familiar,
  processTable,
  shortId,
  statusText,
} from './model.ts';

interface Call {
  host: NodeHost;
  context: CommandContext;
  options: Options;
}

interface Verb {
  short: string;
  long: string[];
  /** How many operands it wants at least. */
  wants?: number;
  /** Its first operand ends its options. */
  command?: boolean;
  run(call: Call): CommandResult | Promise<CommandResult>;
}

const ps: Verb = {
  short: 'aqlnf:s',
  long: ['all', 'quiet', 'no-trunc', 'latest', 'last:', 'filter:', 'format:', 'size'],
  run(call) {
    const { host, options } = call;
    const one = options.has('l', 'latest');
    const all =
      options.has('a', 'all') ||
      one ||
      options.has('n', 'last') ||
      options.values('f', 'filter').some((filter) => filter.startsWith('status='));
    const filters = options.values('f', 'filter');
    const found = dockerContainers(host).filter(
      (container) => (all || container.state === 'running') && passes(container, filters),
    );
    const chosen = one ? found.slice(0, 1) : found;
    const whole = options.has('no-trunc');
    const id = (container: DockerContainer) => (whole ? container.id : shortId(container.id));
    if (options.has('q', 'quiet')) return ok(chosen.map((container) => `${id(container)}\n`).join(''));
    const head = {
      ID: 'CONTAINER ID',
      Image: 'IMAGE',
      Command: 'COMMAND',
      RunningFor: 'CREATED',
      Status: 'STATUS',
      Ports: 'PORTS',
      Names: 'NAMES',
    };
    const now = host.now();
    const rows = chosen.map((container) => ({
      ID: id(container),
      Image: container.image,
      Command: `"${commandText(container, whole)}"`,
      RunningFor: `${humanDuration(now - container.createdAt)} ago`,
      Status: statusText(container, now),
      Ports: '',
      Names: container.name,
    }));
    return ok(shown(call.options.value('format'), head, rows));
  },
};

const images: Verb = {
  short: 'aqf:',
  long: ['all', 'quiet', 'no-trunc', 'digests', 'filter:', 'format:'],
  run(call) {
    const { host, options } = call;
    const [wanted] = options.rest;
    const rows = imagesOf(host)
      .flatMap((image) =>
        (image.repoTags.length > 0 ? image.repoTags : ['<none>:<none>']).map((tag) => ({ image, tag: familiar(tag) })),
      )
      .map(({ image, tag }) => {
        const at = tag.lastIndexOf(':');
        return { image, repository: tag.slice(0, at), tag: tag.slice(at + 1) };
      })
      .filter(
        ({ repository, tag }) => wanted === undefined || wanted === repository || wanted === `${repository}:${tag}`,
      )
      .map(({ image, repository, tag }) => ({
        Repository: repository,
        Tag: tag,
        ID: options.has('no-trunc') ? image.id : shortId(image.id),
        CreatedSince: `${humanDuration(host.now() - builtAt(host, image))} ago`,
        Size: humanSize(image.size),
      }));
    if (options.has('q', 'quiet')) return ok([...new Set(rows.map(({ ID }) => `${ID}\n`))].join(''));
    const head = { Repository: 'REPOSITORY', Tag: 'TAG', ID: 'IMAGE ID', CreatedSince: 'CREATED', Size: 'SIZE' };
    return ok(shown(call.options.value('format'), head, rows));
  },
};

const logs: Verb = {
  short: 'ftn:',
  long: ['follow', 'timestamps', 'tail:', 'since:', 'until:', 'details'],
  wants: 1,
  run({ host, context, options }) {
    const container = containerNamed(host, options.rest[0]!);
    const time = (name: string) => {
      const text = options.value(name);
      return text === undefined ? {} : { [name === 'since' ? 'from' : 'until']: sinceTime(text, host.now()) };
    };
    const tail = Number(options.value('n', 'tail') ?? 'all');
    const question = {
      ...time('since'),
      ...time('until'),
      ...(Number.isInteger(tail) && { tail }),
      timestamps: options.has('t', 'timestamps'),
      follow: options.has('f', 'follow'),
    };
    return containerLog(host, container.id, container.state === 'running', question, context.memory);
  },
};

const exec: Verb = {
  short: 'ditu:w:e:',
  long: ['detach', 'interactive', 'tty', 'user:', 'workdir:', 'env:', 'privileged'],
  wants: 2,
  command: true,
  async run({ host, context, options }) {
    const [reference = '', ...command] = options.rest;
    const container = containerNamed(host, reference);
    if (container.state !== 'running') throw daemonError(`container ${container.id} is not running`);
    const missing = (name: string) =>
      fail(
        `OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown\n`,
        127,
      );
    if (!container.record) return missing(command[0]!);
    if (context.columns !== undefined && options.has('i', 'interactive') && options.has('t', 'tty'))
      return { ...ok(''), run: command };
    const input = options.has('i', 'interactive') ? context.stdin : undefined;
    try {
      return await host.runtime.exec(container.id, command, input);
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      return missing(command[0]!);
    }
  },
};

const inspect: Verb = {
  short: 'f:s',
  long: ['format:', 'size', 'type:'],
  wants: 1,
  run({ host, options }) {
    const found = options.rest.map((reference) => ({ reference, document: documentOf(host, reference) }));
    const documents = found.flatMap(({ document }) => (document ? [document] : []));
    const missing = found.filter(({ document }) => !document);
    const format = options.value('f', 'format');
    const line = (document: object) => {
      const field = /^\{\{ ?json (\.[\w.]*) ?\}\}$/.exec(format!)?.[1];
      if (field === undefined) return executeTemplate(format!, document);
      const path = field.split('.').filter(Boolean);
      return goJson(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document));
    };
    const stdout =
      format === undefined
        ? `${goJson(documents, { indent: '    ' })}\n`
        : documents.map((document) => `${line(document)}\n`).join('');
    const stderr = missing.map(({ reference }) => `Error: No such object: ${reference}\n`).join('');
    return { stdout, stderr, code: missing.length > 0 ? 1 : 0 };
  },
};

/** A verb that does something to each container, and says its name. */
const onEach = (act: (host: NodeHost, container: DockerContainer, options: Options) => void): Verb => ({
  short: 'fvt:s:',
  long: ['force', 'volumes', 'time:', 'signal:', 'timeout:'],
  wants: 1,
  run({ host, options }) {
    const result = { stdout: '', stderr: '', code: 0 };
    for (const reference of options.rest) {
      try {
        act(host, containerNamed(host, reference), options);
        result.stdout += `${reference}\n`;
      } catch (error) {
        if (!(error instanceof DockerError)) throw error;
        result.stderr += `${error.message}\n`;
        result.code = 1;
      }
    }
    return result;
  },
});

const stop = (seconds: number) =>
  onEach((host, container, options) => {
    const given = Number(options.value('t', 'time', 'timeout') ?? seconds);
    if (container.record) host.runtime.stopContainer(container.id, given);
    else host.runtime.stopSandbox(container.id);
  });

const rm = onEach((host, container, options) => {
  if (container.state === 'running' && !options.has('f', 'force'))
    throw daemonError(
      `cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`,
    );
  if (container.record) {
    if (container.state === 'running') host.runtime.stopContainer(container.id, 0);
    host.runtime.removeContainer(container.id);
  } else {
    host.runtime.stopSandbox(container.id);
    host.runtime.removeSandbox(container.id);
  }
});

const pull: Verb = {
  short: 'aq',
  long: ['all-tags', 'quiet', 'platform:'],
  wants: 1,
  run({ host, options }) {
    const [reference = ''] = options.rest;
    const [, own] = /:([^/:]+)$/.exec(reference) ?? [];
    const tag = own ?? 'latest';
    const head = `${own || reference.includes('@') ? '' : 'Using default tag: latest\n'}${tag}: Pulling from ${reference.includes('/') ? reference.replace(/:[^/:]+$/, '') : `library/${reference.replace(/:[^/:]+$/, '')}`}\n`;
    const before = findImage(host, reference);
    try {
      const image = findImage(host, host.runtime.pullImage(reference))!;
      const digest = image.repoDigests[0]?.split('@')[1] ?? image.id;
      const name = familiar(image.repoTags[0] ?? reference);
      const whole = image.repoTags[0] ?? reference;
      return ok(
        `${head}Digest: ${digest}\nStatus: ${before ? 'Image is up to date for' : 'Downloaded newer image for'} ${name}\n${whole}\n`,
      );
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      throw daemonError(
        `pull access denied for ${reference.replace(/:[^/:]+$/, '')}, repository does not exist or may require 'docker login'`,
      );
    }
  },
};

const rmi: Verb = {
  short: 'f',
  long: ['force', 'no-prune'],
  wants: 1,
  run({ host, options }) {
    let stdout = '';
    for (const reference of options.rest) {
      const image = findImage(host, reference);
      if (!image) throw daemonError(`No such image: ${reference}${/[:@]/.test(reference) ? '' : ':latest'}`);
      const user = dockerContainers(host).find(({ imageID }) => imageID === image.id);
      if (user)
        throw daemonError(
          `conflict: unable to remove repository reference "${reference}" (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`,
        );
      host.runtime.removeImage(image.id);
      stdout += [...image.repoTags, ...image.repoDigests].map((name) => `Untagged: ${familiar(name)}\n`).join('');
      stdout += `Deleted: ${image.id}\n`;
    }
    return ok(stdout);
  },
};

const versionOf = (host: NodeHost): string => host.record().containerRuntimeVersion.split('://')[1]!;

const version: Verb = {
  short: 'f:',
  long: ['format:'],
  run({ host, options }) {
    const Version = versionOf(host);
    const format = options.value('f', 'format');
    if (format) return ok(`${executeTemplate(format, { Client: { Version }, Server: { Version } })}\n`);
    const part = (title: string, rows: [string, string][]) =>
      `${title}\n${rows.map(([key, value]) => ` ${`${key}:`.padEnd(18)}${value}\n`).join('')}`;
    const shared: [string, string][] = [
      ['Version', Version],
      ['API version', '1.49'],
      ['OS/Arch', 'linux/amd64'],
    ];
    return ok(
      `${part('Client: Docker Engine - Community', shared)}\n${part('Server: Docker Engine - Community', shared)}`,
    );
  },
};

const info: Verb = {
  short: 'f:',
  long: ['format:'],
  run({ host, options }) {
    const all = dockerContainers(host);
    const running = all.filter(({ state }) => state === 'running').length;
    const { osImage, kernelVersion, name } = host.record();
    const format = options.value('f', 'format');
    const facts = { ServerVersion: versionOf(host), Driver: 'overlay2', CgroupDriver: 'systemd', Name: name };
    if (format) return ok(`${executeTemplate(format, facts)}\n`);
    return ok(
      [
        'Server:',
        ` Containers: ${all.length}`,
        `  Running: ${running}`,
        '  Paused: 0',
        `  Stopped: ${all.length - running}`,
        ` Images: ${imagesOf(host).length}`,
        ` Server Version: ${facts.ServerVersion}`,
        ' Storage Driver: overlay2',
        ' Logging Driver: json-file',
        ' Cgroup Driver: systemd',
        ` Kernel Version: ${kernelVersion}`,
        ` Operating System: ${osImage}`,
        ' OSType: linux',
        ' Architecture: x86_64',
        ` Name: ${name}`,
        ' Docker Root Dir: /var/lib/docker',
        '',
      ].join('\n'),
    );
  },
};

const top: Verb = {
  short: '',
  long: [],
  wants: 1,
  run({ host, options }) {
    const container = containerNamed(host, options.rest[0]!);
    if (container.state !== 'running') throw daemonError(`container ${container.id} is not running`);
    return ok(processTable(host, container));
  },
};

const VERBS: Record<string, Verb> = {
  ps,
  images,
  logs,
  exec,
  inspect,
  stop: stop(10),
  kill: stop(0),
  rm,
  rmi,
  pull,
  top,
  version,
  info,
};

/** `docker container ls`, `docker image ls`, `docker system info`: the same verbs by their longer names. */
const LONGER: Record<string, Record<string, string>> = {
  container: {
    ls: 'ps',
    list: 'ps',
    ps: 'ps',
    inspect: 'inspect',
    logs: 'logs',
    exec: 'exec',
    stop: 'stop',
    kill: 'kill',
    rm: 'rm',
    top: 'top',
  },
  image: { ls: 'images', list: 'images', inspect: 'inspect', pull: 'pull', rm: 'rmi' },
  system: { info: 'info' },
};

function usage(): string {
  const names = Object.keys(VERBS).sort();
  return `Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers: kubemu has these of its commands.\n\nCommands:\n${names.map((name) => `  ${name}\n`).join('')}`;
}

async function runVerb(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const words = context.argv.slice(1);
  const [first = '', second = ''] = words;
  if (first === '' || first === '--help' || first === 'help') return ok(usage());
  if (first === '--version' || first === '-v') return ok(`Docker version ${versionOf(host)}, build 4eba377\n`);
  const longer = LONGER[first]?.[second];
  const name = longer ?? first;
  const verb = VERBS[name];
  if (!verb) return fail(`docker: unknown command: docker ${first}\n\nRun 'docker --help' for more information\n`);
  const given = words.slice(longer ? 2 : 1);
  if (readUnit(host, 'docker').active !== 'active')
    throw new DockerError(
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    );
  const options = parseOptions(
    { argv: [`docker ${name}`], machine: context.machine },
    verb.short,
    verb.long,
    verb.command,
    given,
  );
  if (options.rest.length < (verb.wants ?? 0)) {
    const wanted = verb.wants === 1 ? 'at least 1 argument' : `at least ${verb.wants} arguments`;
    return fail(
      `docker: 'docker ${name}' requires ${wanted}\n\nUsage:  docker ${name} [OPTIONS]\n\nSee 'docker ${name} --help' for more information\n`,
    );
  }
  return await verb.run({ host, context, options });
}

/** docker, on machines whose runtime it is. */
export async function docker(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  try {
    if (context.user !== 'root')
      throw new DockerError(
        `permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.49/containers/json": dial unix /var/run/docker.sock: connect: permission denied`,
      );
    return await runVerb(host, context);
  } catch (error) {
    if (error instanceof DockerError) return fail(`${error.message}\n`, error.code);
    if (!(error instanceof ToolError)) throw error;
    const flag = /'(-+[^']*)'/.exec(error.message)?.[1] ?? '';
    const [name] = context.argv.slice(1);
    return fail(
      `unknown ${flag.startsWith('--') ? 'flag' : 'shorthand flag'}: ${flag}\nSee 'docker ${name} --help'.\n`,
      125,
    );
  }
}
