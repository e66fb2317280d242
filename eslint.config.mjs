import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

/** The rooms from bottom to top: a room imports only from rooms that stand on a line before its own. */
const FLOORS = [
  ['types', 'base'],
  ['store'],
  ['api'],
  ['runtime'],
  ['network'],
  ['sh'],
  ['node'],
  ['kubelet'],
  ['scheduler', 'controllers'],
  ['cluster'],
  ['server'],
  ['workstation'],
  ['transcript', 'lab'],
  ['shell', 'kubemu'],
];

/** kubectl stands beside the house: it knows the API by its requests, and shares these pure helpers with it. */
const KUBECTL_MAY = [
  'types',
  'base',
  'api/machinery/decode',
  'api/machinery/normalize',
  'api/machinery/patch',
  'api/machinery/selectors',
  'api/schema/types',
];

const forbid = (folder, patterns, message) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: patterns, message }] }] },
});

const rooms = FLOORS.flatMap((names, floor) =>
  names.map((room) => {
    const above = FLOORS.slice(floor)
      .flat()
      .filter((other) => other !== room && room !== 'kubemu');
    const others = [
      ...above,
      ...(['cluster', 'server', 'workstation', 'shell', 'lab', 'transcript', 'kubemu'].includes(room)
        ? []
        : ['kubectl']),
    ];
    return forbid(room, `^(\\.\\./)+(${others.join('|') || '-'})/`, `${room}/ uses only rooms below it.`);
  }),
);

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'fixtures', '.tmp'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: false },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/base/clock.ts', 'src/base/random.ts', 'src/**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message: 'Only base/clock reads the wall clock.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Only base/clock reads the wall clock.',
        },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'Only base/random draws numbers.',
        },
      ],
    },
  },
  ...rooms,
  forbid(
    'kubectl',
    `^(\\.\\./)+(?!(${KUBECTL_MAY.join('|')})/|(${KUBECTL_MAY.join('|')})\\.ts)(${FLOORS.flat()
      .filter((room) => room !== 'types' && room !== 'base')
      .join('|')})/`,
    'kubectl/ knows base, the helpers of the API that decode, patch and select, and its own transport.',
  ),
);
