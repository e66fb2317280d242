import { describe, expect, it } from 'vitest';
import { formatCidr, formatIp, isCidr, isIp, nthAddress, parseCidr, parseIp } from './ip.ts';
import { isDns1123Label, isDns1123Subdomain, isPortName, isQualifiedName } from './names.ts';

describe('names', () => {
  it('explains what is wrong in apimachinery words', () => {
    expect(isDns1123Subdomain('web-1.example')).toEqual([]);
    expect(isDns1123Subdomain('Web')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
    expect(isDns1123Label('a.b')).toEqual(['must not contain dots']);
    expect(isDns1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
    expect(isQualifiedName('/a')).toEqual(['prefix part must be non-empty']);
    expect(isQualifiedName('example.com/a')).toEqual([]);
    expect(isQualifiedName('a/b/c')[0]).toContain("(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used");
    expect(isPortName('-')).toEqual(['must contain at least one letter (a-z)', 'must not begin or end with a hyphen']);
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['010.0.0.1', '10.0.0.1'],
    ['FE80:0:0:0:0:0:0:0abc', 'fe80::abc'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['::', '::'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
  ])('%s is %s', (text, canonical) => expect(formatIp(parseIp(text)!)).toBe(canonical));

  it('knows networks', () => {
    expect(formatCidr(parseCidr('10.244.1.7/24')!)).toBe('10.244.1.0/24');
    expect(nthAddress(parseCidr('10.244.1.0/24')!, 3)).toBe('10.244.1.3');
    expect(isIp('300.1.1.1')).toEqual(['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']);
    expect(isCidr('10.0.0.0/33')).toHaveLength(1);
    expect(isCidr('10.0.0.1/8', true)).toEqual(['must not have bits set beyond the prefix length']);
  });
});
