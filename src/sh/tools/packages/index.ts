import type { Tool } from '../tool.ts';
import { apk } from './apk.ts';
import { aptGet, dpkg } from './apt.ts';
import { dnf } from './dnf.ts';

/** Managers of packages, in the distributions that have them. */
export const PACKAGE_TOOLS: Record<string, Tool> = {
  'apt-get': aptGet,
  apt: aptGet,
  dpkg,
  apk,
  dnf,
  yum: dnf,
  microdnf: dnf,
};
