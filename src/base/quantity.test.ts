import { describe, expect, it } from 'vitest';
import { canonicalQuantity, Quantity } from './quantity.ts';

describe('Quantity', () => {
  it.each([
    ['0', '0'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1.5', '1500m'],
    ['1.500', '1.500'],
    ['0.1', '100m'],
    ['.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.0001Ki', '102400u'],
    ['1000k', '1M'],
    ['12e2', '1200'],
    ['1e3', '1e3'],
    ['1000e3', '1e6'],
    ['1E', '1E'],
    ['10Ei', '9223372036854775807'],
    ['-5m', '-5m'],
    ['0.0000000001', '1n'],
    ['128974848', '128974848'],
    ['5000000000', '5G'],
  ])('%s is written %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical));

  it.each([
    ['', 'quantities must match the regular expression'],
    ['abc', 'quantities must match the regular expression'],
    ['1 Gi', 'quantities must match the regular expression'],
    ['1GB', 'quantities must match the regular expression'],
    ['1mm', "unable to parse quantity's suffix"],
    ['1K', "unable to parse quantity's suffix"],
  ])('%s is refused', (text, message) => expect(() => Quantity.parse(text)).toThrow(message));

  it('adds, compares and rounds away from zero', () => {
    const sum = Quantity.parse('100Mi').add(Quantity.parse('28Mi'));
    expect(sum.toString()).toBe('128Mi');
    expect(Quantity.of(0).add(sum).toString()).toBe('128Mi');
    expect(Quantity.parse('1').subtract(Quantity.parse('250m')).toString()).toBe('750m');
    expect(Quantity.parse('1Ki').compare(Quantity.parse('1k'))).toBeGreaterThan(0);
    expect(Quantity.parse('1100m').value()).toBe(2);
    expect(Quantity.parse('1500u').milliValue()).toBe(2);
  });
});
