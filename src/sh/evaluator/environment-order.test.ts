import { expect, it } from 'vitest';
import { asHandedOn } from './environment-order.ts';

const NAMES = ['PATH', 'HOSTNAME', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_PORT_443_TCP', 'HOME', 'SHLVL', 'PWD'];

it.each([
  ['busybox', ['HOSTNAME', 'SHLVL', 'HOME', 'PATH', 'KUBERNETES_PORT_443_TCP', 'KUBERNETES_SERVICE_HOST', 'PWD']],
  ['bash', ['HOSTNAME', 'PWD', 'HOME', 'KUBERNETES_PORT_443_TCP', 'SHLVL', 'KUBERNETES_SERVICE_HOST', 'PATH']],
] as const)('the order of %s', (flavour, order) => {
  expect(
    asHandedOn(
      flavour,
      NAMES.map((name) => [name, '']),
    ).map(([name]) => name),
  ).toEqual(order);
});
