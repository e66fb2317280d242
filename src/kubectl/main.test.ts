import { expect, test } from 'vitest';
import { runKubectl } from './main.ts';
import { fakeEnvironment } from './testing/fake-environment.ts';

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = fakeEnvironment();
  const code = await runKubectl(argv, environment);
  return { code, out: environment.stdout, err: environment.stderr };
}

const seeGet = "\nSee 'kubectl get --help' for usage.\n";

test.each([
  [['get', 'pods', '--nosuch'], `error: unknown flag: --nosuch${seeGet}`],
  [['get', 'pods', '-x'], `error: unknown shorthand flag: 'x' in -x${seeGet}`],
  [['get', 'pods', '-Ax'], `error: unknown shorthand flag: 'x' in -x${seeGet}`],
  [['get', 'pods', '--output'], `error: flag needs an argument: --output${seeGet}`],
  [['get', 'pods', '-o'], `error: flag needs an argument: 'o' in -o${seeGet}`],
  [
    ['get', 'pods', '--watch=maybe'],
    `error: invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax${seeGet}`,
  ],
  [
    ['get', '--chunk-size', '99999999999999999999'],
    `error: invalid argument "99999999999999999999" for "--chunk-size" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range${seeGet}`,
  ],
  [['get', '---foo'], `error: bad flag syntax: ---foo${seeGet}`],
  [['get', '--=a'], `error: bad flag syntax: --=a${seeGet}`],
  [
    ['-v', 'abc', 'get'],
    `error: invalid argument "abc" for "-v, --v" flag: strconv.ParseInt: parsing "abc": invalid syntax${seeGet}`,
  ],
  [['--namespace'], "error: flag needs an argument: --namespace\nSee 'kubectl --help' for usage.\n"],
  [['foo'], 'error: unknown command "foo" for "kubectl"\n\nDid you mean this?\n\ttop\n'],
  [['ge'], 'error: unknown command "ge" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n\tcp\n'],
  [['nosuchverb'], 'error: unknown command "nosuchverb" for "kubectl"\n'],
  [['-n', 'foo', 'nosuch', '--x'], 'Error: flags cannot be placed before plugin name: -n\n'],
  [
    ['get'],
    `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples
`,
  ],
])('kubectl %j fails as kubectl 1.33 does', async (argv, err) => {
  expect(await run(...argv)).toEqual({ code: 1, out: '', err });
});

test('root help lists every group, and its commands in order', async () => {
  const { code, out } = await run();
  expect(code).toBe(0);
  expect(out.split('\n').slice(0, 10)).toEqual([
    'kubectl controls the Kubernetes cluster manager.',
    '',
    ' Find more information at: https://kubernetes.io/docs/reference/kubectl/',
    '',
    'Basic Commands (Beginner):',
    '  create          Create a resource from a file or from stdin',
    '  expose          Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
    '  run             Run a particular image on the cluster',
    '  set             Set specific features on objects',
    '',
  ]);
  expect(out).toContain('\nSubcommands provided by plugins:\n\nOther Commands:\n  api-resources   Print');
});

test('options are listed by name with their defaults', async () => {
  const { out } = await run('options');
  expect(out.split('\n').slice(0, 6)).toEqual([
    'The following options can be passed to any command:',
    '',
    "    --as='':",
    '\tUser name to impersonate for the operation: a regular user or a service account of a namespace.',
    '',
    '    --as-group=[]:',
  ]);
  expect(out).toContain("    -n, --namespace='':\n");
});
