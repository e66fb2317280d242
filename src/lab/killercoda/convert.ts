import { emitYaml } from '../../base/yaml/emit.ts';
import type { ClusterConfig } from '../../cluster/config.ts';
import { readPreset } from '../../cluster/presets.ts';
import type { Part, Scenario } from './read.ts';

/** What Killercoda's machines are called. */
export const MASTER = 'controlplane';
const WORKERS = ['node01', 'node02'];

/** Minutes, where a scenario does not say. */
const MINUTES = 15;

const LEVELS: [RegExp, string][] = [
  [/begin|easy/i, 'beginner'],
  [/adv|hard|expert/i, 'advanced'],
];

/** A scenario as a lab's Markdown. */
export function convert(scenario: Scenario): string {
  const { index, text } = scenario;
  const { intro, steps = [], finish } = index.details;
  const story = prose(text(intro?.text) ?? index.description ?? index.title);
  const parts = steps.length > 0 ? steps : [{ title: index.title, ...intro, text: undefined }];
  return [
    `---\n${emitYaml(frontMatter(scenario))}---`,
    story.text,
    ...parts.map((step, number) => task(scenario, step, number, number === 0 ? beginning(scenario, intro) : [])),
    ...(finish?.text ? [`## Afterwards\n\n${prose(text(finish.text)!).text}`] : []),
  ]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n');
}

function frontMatter({ index }: Scenario) {
  const minutes = Number(/\d+/.exec(index.time ?? '')?.[0] ?? MINUTES);
  return {
    title: index.title,
    level: LEVELS.find(([pattern]) => pattern.test(index.difficulty ?? ''))?.[1] ?? 'intermediate',
    minutes: Math.max(1, minutes),
    topic: 'Killercoda',
    version: 1,
    imported: 'killercoda',
    cluster: { config: clusterOf(index.backend?.imageid ?? '') },
  };
}

/** A cluster whose machines have the names that scripts expect. */
function clusterOf(image: string): ClusterConfig {
  const config = readPreset('kubeadm');
  const { pool: _, ...spec } = config.spec;
  const workers = /1node/.test(image) ? [] : WORKERS.slice(0, 1);
  return {
    ...config,
    metadata: { name: 'killercoda' },
    spec: {
      ...spec,
      nodes: [
        { ...spec.nodes[0]!, name: MASTER, ...(workers.length === 0 && { taints: [] }) },
        ...workers.map((name, number) => ({ name, internalIP: `192.168.50.${11 + number}` })),
      ],
    },
  };
}

/** Text between lines that no script has. */
const heredoc = (text: string): string =>
  `<<'KILLERCODA_END'\n${text.endsWith('\n') ? text : `${text}\n`}KILLERCODA_END`;

const onMachine = (machine: string): string =>
  machine === 'host01' ? MASTER : machine === 'host02' ? WORKERS[0]! : machine;

/** What happens before the first step. */
function beginning({ assets, text }: Scenario, intro: Part | undefined): string[] {
  const copied = assets.flatMap(({ machine, path, text: content, chmod }) => {
    const folder = path.slice(0, path.lastIndexOf('/')) || '/';
    const node = onMachine(machine);
    return [
      `ssh ${node} 'mkdir -p ${folder} && cat > ${path}' ${heredoc(content)}`,
      ...(chmod ? [`ssh ${node} 'chmod ${chmod} ${path}'`] : []),
    ];
  });
  return [...copied, ...scripts('intro', intro, text)];
}

const scripts = (name: string, part: Part | undefined, text: Scenario['text']): string[] =>
  (['background', 'foreground'] as const).flatMap((kind) => {
    const script = text(part?.[kind]);
    if (script === undefined) return [];
    const path = `/tmp/${name}-${kind}.sh`;
    return [`ssh ${MASTER} 'cat > ${path}' ${heredoc(script)}`, `ssh ${MASTER} 'bash ${path}; rm ${path}'`];
  });

function task({ text }: Scenario, step: Part, number: number, before: string[]): string {
  const { text: body, hints } = prose(text(step.text) ?? '');
  const setup = [
    ...before,
    ...(before.length > 0 && step.text === undefined ? [] : scripts(`step${number + 1}`, step, text)),
  ];
  const verify = text(step.verify);
  const checks = [
    verify === undefined
      ? { check: 'There is nothing to prove here', run: 'true', otherwise: 'Go on with: kubemu lab next' }
      : {
          check: step.title ?? `Step ${number + 1}`,
          on: MASTER,
          run: `cat > /tmp/verify.sh ${heredoc(verify)}\nbash /tmp/verify.sh; code=$?; rm /tmp/verify.sh; (exit $code)\n`,
          otherwise: 'The script that verifies this step is not content yet.',
        },
  ];
  return [
    `## Task: ${step.title ?? `Step ${number + 1}`}`,
    body,
    ...(setup.length > 0 ? [`\`\`\`\`sh setup\n${setup.join('\n')}\n\`\`\`\``] : []),
    `\`\`\`\`yaml checks\n${emitYaml(checks)}\`\`\`\``,
    ...hints.map((hint) => `### Hint\n\n${hint}`),
  ].join('\n\n');
}

/** A scenario's text: without what only a browser understands, its folded parts as hints, its headings as bold lines. */
function prose(markdown: string): { text: string; hints: string[] } {
  const hints: string[] = [];
  const open = markdown.replace(
    /<details>\s*(?:<summary>([\s\S]*?)<\/summary>)?([\s\S]*?)<\/details>/gi,
    (_, title, body) => {
      hints.push([title && `**${plain(String(title))}**`, plain(String(body))].filter(Boolean).join('\n\n'));
      return '';
    },
  );
  return { text: plain(open), hints };
}

function plain(markdown: string): string {
  let code = false;
  return markdown
    .split(/\r?\n/)
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) {
        code = !code;
        return code ? '```' : '```';
      }
      if (code) return line;
      return line
        .replace(/\{\{[^}]*\}\}/g, '')
        .replace(/<\/?[a-z][^>]*>/gi, '')
        .replace(/^#+\s+(.*?)\s*#*$/, '**$1**')
        .replace(/^---+\s*$/, '');
    })
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
