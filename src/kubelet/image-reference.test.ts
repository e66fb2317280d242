import { expect, test } from 'vitest';
import { imageProblem, parseImage } from './image-reference.ts';

// As kubelet 1.33.13 words them (distribution/reference).
test.each([
  ['NGINX:1', 'invalid reference format: repository name (library/NGINX) must be lowercase'],
  ['quay.io/Org/app:1', 'invalid reference format: repository name (Org/app) must be lowercase'],
  ['nginx:bad tag', 'invalid reference format'],
  ['nginx:', 'invalid reference format'],
  ['/x', 'invalid reference format'],
  ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  [`busybox@sha256:${'1'.repeat(40)}`, 'invalid checksum digest length'],
  [`busybox@md5:${'1'.repeat(32)}`, 'unsupported digest algorithm'],
  [`busybox@sha256:${'1'.repeat(64)}`, undefined],
])('%s: %s', (image, problem) => {
  expect(imageProblem(image)).toBe(problem);
});

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['me/app:1', 'docker.io/me/app:1'],
  ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['registry:5000/app:1', 'registry:5000/app:1'],
  ['Registry/app', 'Registry/app:latest'],
])('%s is %s', (image, normalised) => {
  expect(parseImage(image)?.normalised).toBe(normalised);
});
