import { parseDuration } from '../../base/duration.ts';
import { parseCidr, parseIp } from '../../base/ip.ts';
import { parseUrl } from '../cel/library/url.ts';

const uuid = (version: string, variant = '[0-9a-f]') =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');

const isDuration = (text: string): boolean => {
  try {
    parseDuration(text);
    return true;
  } catch {
    return /^-?\d+(\.\d+)?\s*(ns|nano|us|µs|micro|ms|milli|s|sec|second|m|min|minute|h|hr|hour|d|day|w|wk|week)s?$/.test(
      text,
    );
  }
};

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(text).toJSON()?.slice(0, 10) === text;

/** net.ParseIP: an address without leading zeros. (node:net itself would cost every command milliseconds.) */
const isAddress = (text: string): boolean =>
  parseIp(text) !== undefined && !(text.includes('.') && /(^|\.)0\d/.test(text.slice(text.lastIndexOf(':') + 1)));

/** The formats that schemas of definitions may check strings with; others say nothing. */
const FORMATS: Record<string, RegExp | ((text: string) => boolean)> = {
  bsonobjectid: /^[0-9a-f]{24}$/i,
  uri: (text) => typeof parseUrl(text) !== 'string',
  email: /^(?:[^<>@\s]+@[^<>@\s]+|[^<>@]*<[^<>@\s]+@[^<>@\s]+>)$/,
  hostname:
    /^(?=.{1,255}$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/,
  ipv4: (text) => text.includes('.') && isAddress(text),
  ipv6: (text) => text.includes(':') && isAddress(text),
  cidr: (text) => parseCidr(text) !== undefined,
  mac: /^(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?:(?:[:-][0-9a-f]{2}){2})?|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3})$/i,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
  ssn: /^\d{3}[- ]?\d{2}[- ]?\d{4}$/,
  hexcolor: /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/,
  rgbcolor: /^rgb\(\s*(?:\d{1,3})\s*,\s*(?:\d{1,3})\s*,\s*(?:\d{1,3})\s*\)$/,
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/,
  date: isDate,
  duration: isDuration,
  datetime: (text) =>
    /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
};

/** Whether the text is of the format; true for formats that are not checked. */
export function hasFormat(format: string, text: string): boolean {
  const check = FORMATS[format.replaceAll('-', '')];
  if (!check) return true;
  return typeof check === 'function' ? check(text) : check.test(text);
}
