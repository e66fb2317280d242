import { describe, expect, it } from 'vitest';
import { NodeShellExit, parseNodeShellArguments } from './arguments.ts';
import { overridesOf } from './pod.ts';

const SETTINGS = { cpu: '100m', memory: '256Mi' };
type Overrides = {
  spec: { nodeName: string; hostPID: boolean; containers: { command: string[] | null; resources: object }[] };
};
const overrides = (...argv: string[]) => overridesOf(parseNodeShellArguments(argv), SETTINGS, false, true) as Overrides;

describe('kubectl node-shell', () => {
  const commands: [string[], string[] | null][] = [
    [['node-1'], ['nsenter', '--target', '1', '--mount', '--uts', '--ipc', '--net', '--pid', '--', 'bash', '-l']],
    [
      ['node/node-1', '--', 'crictl', 'images'],
      ['nsenter', '--target', '1', '--mount', '--uts', '--ipc', '--net', '--pid', '--', 'crictl', 'images'],
    ],
    [
      ['--no-ipc', '--no-net', 'node-1'],
      ['nsenter', '--target', '1', '--mount', '--uts', '--pid', '--', 'bash', '-l'],
    ],
    [['-x', 'node-1'], null],
    [
      ['-x', 'node-1', '--', 'ls', '/host'],
      ['ls', '/host'],
    ],
  ];
  it.each(commands)('%j runs %j', (argv, command) => {
    expect(overrides(...argv).spec.containers[0]!.command).toEqual(command);
  });

  it("goes to the node, in the host namespaces, with the plugin's limits", () => {
    const { spec } = overrides('node-1');
    expect(spec).toMatchObject({ nodeName: 'node-1', hostPID: true, hostNetwork: true, hostIPC: true });
    expect(spec.containers[0]!.resources).toEqual({
      limits: { cpu: '100m', memory: '256Mi' },
      requests: { cpu: '100m', memory: '256Mi' },
    });
  });

  const exits: [string[], string, number][] = [
    [[], 'Please specify node name\n', 1],
    [['a', 'b'], 'exactly one node required\n', 1],
    [['--version'], 'kubectl-node-shell 1.11.0\n', 0],
  ];
  it.each(exits)('%j says %j', (argv, text, code) => {
    expect(() => parseNodeShellArguments(argv)).toThrow(NodeShellExit);
    try {
      parseNodeShellArguments(argv);
    } catch (error) {
      expect(error).toMatchObject({ text, code });
    }
  });
});
