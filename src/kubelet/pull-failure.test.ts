import { expect, it } from 'vitest';
import { parseImage } from './image-reference.ts';
import { failureText, type Lack, pullFailure } from './pull-failure.ts';

const of = (image: string, lack: Lack, runtime = 'containerd://1.7.27') =>
  failureText(pullFailure(parseImage(image)!, lack, runtime));
const failed = (whole: string, words: string) =>
  `failed to pull and unpack image "${whole}": failed to resolve reference "${whole}": ${words}`;

it.each<[image: string, lack: Lack, words: string]>([
  [
    'nginx:nosuch',
    'tag',
    `rpc error: code = NotFound desc = ${failed('docker.io/library/nginx:nosuch', 'docker.io/library/nginx:nosuch: not found')}`,
  ],
  [
    'nosuch',
    'repository',
    failed(
      'docker.io/library/nosuch:latest',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
  ],
  [
    'nosuch',
    'closed',
    `rpc error: code = NotFound desc = ${failed('docker.io/library/nosuch:latest', 'docker.io/library/nosuch:latest: not found')}`,
  ],
  [
    'registry.k8s.io/x:1',
    'repository',
    `rpc error: code = NotFound desc = ${failed('registry.k8s.io/x:1', 'registry.k8s.io/x:1: not found')}`,
  ],
  [
    'mine.azurecr.io/app:v1',
    'repository',
    failed(
      'mine.azurecr.io/app:v1',
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://mine.azurecr.io/oauth2/token?scope=repository%3Aapp%3Apull&service=mine.azurecr.io: 401 Unauthorized',
    ),
  ],
  [
    'reg.example.com/app',
    'repository',
    failed(
      'reg.example.com/app:latest',
      'failed to do request: Head "https://reg.example.com/v2/app/manifests/latest": dial tcp: lookup reg.example.com on 127.0.0.53:53: no such host',
    ),
  ],
])('%s, without its %s', (image, lack, words) => {
  expect(of(image, lack)).toBe(words);
});

it('Docker has words of its own', () => {
  expect(of('nosuch', 'repository', 'docker://20.10.6')).toBe(
    "Error response from daemon: pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  );
});
