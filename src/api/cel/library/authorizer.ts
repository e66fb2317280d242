import type { Library } from './library.ts';

export interface Decision {
  allowed: boolean;
  reason: string;
}

/** What a check asks: of a resource, or of a path. */
export interface Asked {
  /** Whom it is about; the one who makes the request unless given. */
  serviceAccount?: { namespace: string; name: string };
  verb: string;
  path?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

type Decide = (asked: Asked) => Decision;

/** The variable `authorizer`. */
export class Authorizer {
  constructor(
    readonly decide: Decide,
    readonly asked: Partial<Asked> = {},
    /** Expressions read it as a field; it is a check of what the request itself is about. */
    readonly requestResource?: Authorizer,
  ) {}
}

class PathCheck extends Authorizer {}
class GroupCheck extends Authorizer {}
/** Also the variable `authorizer.requestResource`. */
export class ResourceCheck extends Authorizer {}

class Verdict {
  constructor(readonly decision: Decision) {}
}

const A = 'kubernetes.authorization.Authorizer';
const P = 'kubernetes.authorization.PathCheck';
const G = 'kubernetes.authorization.GroupCheck';
const R = 'kubernetes.authorization.ResourceCheck';
const D = 'kubernetes.authorization.Decision';

const narrowed = (field: 'subresource' | 'namespace' | 'name') => (it: ResourceCheck, value: string) =>
  new ResourceCheck(it.decide, { ...it.asked, [field]: value });
const check = (it: Authorizer, verb: string) => new Verdict(it.decide({ ...it.asked, verb }));

export const authorization: Library = {
  types: { [A]: Authorizer, [P]: PathCheck, [G]: GroupCheck, [R]: ResourceCheck, [D]: Verdict },
  functions: [
    [`${A}.path(string): ${P}`, (it: Authorizer, path: string) => new PathCheck(it.decide, { ...it.asked, path })],
    [`${A}.group(string): ${G}`, (it: Authorizer, group: string) => new GroupCheck(it.decide, { ...it.asked, group })],
    [
      `${A}.serviceAccount(string, string): ${A}`,
      (it: Authorizer, namespace: string, name: string) =>
        new Authorizer(it.decide, { ...it.asked, serviceAccount: { namespace, name } }),
    ],
    [
      `${G}.resource(string): ${R}`,
      (it: GroupCheck, resource: string) => new ResourceCheck(it.decide, { ...it.asked, resource }),
    ],
    [`${R}.subresource(string): ${R}`, narrowed('subresource')],
    [`${R}.namespace(string): ${R}`, narrowed('namespace')],
    [`${R}.name(string): ${R}`, narrowed('name')],
    [`${R}.fieldSelector(string): ${R}`, (it: ResourceCheck) => it],
    [`${R}.labelSelector(string): ${R}`, (it: ResourceCheck) => it],
    [`${P}.check(string): ${D}`, check],
    [`${R}.check(string): ${D}`, check],
    [`${D}.errored(): bool`, () => false],
    [`${D}.error(): string`, () => ''],
    [`${D}.allowed(): bool`, ({ decision }: Verdict) => decision.allowed],
    [`${D}.reason(): string`, ({ decision }: Verdict) => decision.reason],
  ],
};
