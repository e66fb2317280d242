import type { V1CertificateSigningRequest } from '@kubernetes/client-node';
import { formatTime } from '../../../base/time.ts';
import type { Resource } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { each } from '../shared/checks.ts';
import { CONDITION_STATUSES } from '../shared/conditions.ts';

export type CertificateSigningRequest = Resource<V1CertificateSigningRequest>;
type Status = NonNullable<CertificateSigningRequest['status']>;
type Condition = NonNullable<Status['conditions']>[number];

const AT = 'status.conditions';
/** Conditions that are there for good. */
const FINAL = ['Approved', 'Denied', 'Failed'];
const DECISIONS = ['Approved', 'Denied'];
const EXCLUSIVE = 'Approved and Denied conditions are mutually exclusive';

const conditionsOf = (request: CertificateSigningRequest): Condition[] => request.status?.conditions ?? [];
const ofType = (request: CertificateSigningRequest, type: string): Condition[] =>
  conditionsOf(request).filter((condition) => condition.type === type);

/** validateConditions: what a condition may say, and that nothing is approved and denied. */
export function validateConditions(request: CertificateSigningRequest): FieldError[] {
  const seen = new Set<string>();
  return each(conditionsOf(request), AT, ({ type = '', status = '' }, at) => {
    const statuses = FINAL.includes(type) ? ['True'] : CONDITION_STATUSES;
    const errors: FieldError[] = type ? [] : [required(`${at}.type`)];
    if (!status) errors.push(required(`${at}.status`));
    else if (!statuses.includes(status)) errors.push(notSupported(`${at}.status`, status, statuses));
    const other = DECISIONS.find((decision) => decision !== type);
    if (DECISIONS.includes(type) && seen.has(other!)) errors.push(invalid(`${at}.type`, type, EXCLUSIVE));
    if (seen.has(type)) errors.push(duplicate(`${at}.type`, type));
    seen.add(type);
    return errors;
  });
}

/** No final condition goes; decisions come by the subresource approval alone. */
export function validateChanges(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  mayDecide: boolean,
): FieldError[] {
  const counts = (type: string) => [ofType(request, type), ofType(old, type)] as const;
  const removed = FINAL.filter((type) => counts(type)[0].length < counts(type)[1].length);
  const added = DECISIONS.filter((type) => counts(type)[0].length > counts(type)[1].length);
  return [
    ...removed.map((type) => forbidden(AT, `updates may not remove a condition of type "${type}"`)),
    ...(mayDecide ? [] : added.map((type) => forbidden(AT, `updates may not add a condition of type "${type}"`))),
  ];
}

const mapConditions = (request: CertificateSigningRequest, change: (condition: Condition) => Condition): void => {
  if (request.status?.conditions)
    request.status = { ...request.status, conditions: request.status.conditions.map(change) };
};

/** Decisions stay as they were made. */
export function keepDecisions(request: CertificateSigningRequest, old: CertificateSigningRequest): void {
  const kept = DECISIONS.filter((type) => ofType(request, type).length === ofType(old, type).length);
  mapConditions(request, (condition) => (kept.includes(condition.type) ? ofType(old, condition.type)[0]! : condition));
}

/** Conditions without times get them: a status that was already so keeps its own. */
export function setTimes(request: CertificateSigningRequest, old: CertificateSigningRequest, ms: number): void {
  const now = formatTime(ms) as unknown as Condition['lastUpdateTime'];
  mapConditions(request, (condition) => {
    const known = ofType(old, condition.type).find(({ status }) => status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? known?.lastTransitionTime ?? now,
    };
  });
}
