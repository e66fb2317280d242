import { describe, expect, it } from 'vitest';
import { decodeProtobuf, ProtobufError } from './protobuf.ts';

const varint = (number: number, value: number) => Buffer.from([number << 3, value]);
const bytes = (number: number, ...parts: (Buffer | string)[]) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
};
const body = (apiVersion: string, kind: string, ...fields: Buffer[]) =>
  Buffer.concat([Buffer.from('k8s\0'), bytes(1, bytes(1, apiVersion), bytes(2, kind)), bytes(2, ...fields)]);

describe('decodeProtobuf', () => {
  it('keeps what a pointer says, leaves out what Go left empty, and knows embedded structs, times and int-or-string', () => {
    const probe = bytes(11, bytes(1, bytes(2, bytes(2, varint(1, 1), bytes(3, 'http')))), varint(2, 0), varint(4, 5));
    const container = bytes(2, bytes(1, 'web'), bytes(2, 'nginx'), bytes(5, ''), probe);
    const template = bytes(
      3,
      bytes(1, bytes(1, ''), bytes(8), bytes(11, bytes(1, 'app'), bytes(2, 'web'))),
      bytes(2, container),
    );
    const spec = bytes(2, varint(1, 0), template, varint(5, 0));
    expect(decodeProtobuf(body('apps/v1', 'Deployment', bytes(1, bytes(1, 'web')), spec))).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web' },
      spec: {
        replicas: 0,
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              { name: 'web', image: 'nginx', readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 5 } },
            ],
          },
        },
      },
    });
  });

  it('gives bytes as base64 and reads the options that every group has', () => {
    const data = bytes(2, bytes(1, 'p'), bytes(2, 'q'));
    expect(decodeProtobuf(body('v1', 'Secret', data))).toMatchObject({ data: { p: 'cQ==' } });
    expect(decodeProtobuf(body('v1', 'DeleteOptions', varint(1, 0)))).toMatchObject({ gracePeriodSeconds: 0 });
  });

  it.each([
    ['{"kind":"Pod"}', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
    ['k8s\0\n\x7f', 'unable to decode: unexpected EOF'],
  ])('refuses %j', (text, message) => {
    expect(() => decodeProtobuf(Buffer.from(text))).toThrow(new ProtobufError(message));
  });
});
