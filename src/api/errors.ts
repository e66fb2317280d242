import { OBJECT_TYPES } from './machinery/content-types.ts';
import { ApiError, type StatusDetails } from './request.ts';

// The failures of k8s.io/apimachinery/pkg/api/errors, in its words.

/** What a failure is about: the group and the plural name (or the kind, where upstream says the kind). */
export interface Subject {
  group: string;
  plural: string;
}

/** `pods`, `deployments.apps` */
export const qualified = ({ group, plural }: Subject): string => (group === '' ? plural : `${plural}.${group}`);

/** name, group and kind, without those that are empty, in the order of metav1.StatusDetails. */
export const detailsOf = (
  subject: Subject,
  name: string,
  more: Omit<StatusDetails, 'name' | 'group' | 'kind'> = {},
): StatusDetails => ({
  ...(name && { name }),
  ...(subject.group && { group: subject.group }),
  ...(subject.plural && { kind: subject.plural }),
  ...more,
});

export const notFound = (subject: Subject, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(subject)} ${JSON.stringify(name)} not found`, detailsOf(subject, name));

/** The path leads nowhere. */
export const noResource = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

export const alreadyExists = (subject: Subject, name: string): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(subject)} ${JSON.stringify(name)} already exists`,
    detailsOf(subject, name),
  );

/** A name that was given besides the beginning of a generated one is taken. */
export const generateNameConflict = (subject: Subject, name: string): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(subject)} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`,
    detailsOf(subject, name, { retryAfterSeconds: 1 }),
  );

export const conflict = (subject: Subject, name: string, reason: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} ${JSON.stringify(name)}: ${reason}`,
    detailsOf(subject, name),
  );

/** The optimistic lock: somebody else wrote since. */
export const modified = (subject: Subject, name: string): ApiError =>
  conflict(
    subject,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** Refused by admission or authorization; without a subject for paths that are no resources. */
export function forbidden(subject: Subject, name: string, reason: string): ApiError {
  const where =
    subject.plural === ''
      ? ''
      : name === ''
        ? `${qualified(subject)} is `
        : `${qualified(subject)} ${JSON.stringify(name)} is `;
  return new ApiError(403, 'Forbidden', `${where}forbidden: ${reason}`, detailsOf(subject, name));
}

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** What can be streamed. */
const STREAMED = ['application/json', 'application/vnd.kubernetes.protobuf'];

/** No route writes what the client accepts. */
export const notAcceptable = (streams = true): ApiError => {
  const streamed = streams ? STREAMED.map((type) => `${type};stream=watch`) : [];
  const available = [...OBJECT_TYPES, ...streamed].join(', ');
  return new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
};

/** The route writes what the client accepts, but not in the form that it wants (negotiation.NewNotAcceptableError). */
export const notNegotiable = (): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${OBJECT_TYPES.join(', ')}`);

/** A list wants a revision that is forgotten. */
export const expiredList = (): ApiError =>
  new ApiError(410, 'Expired', 'The resourceVersion for the provided list is too old.');

/** A page goes on from such a revision; the token with which it may go on all the same. */
export function expiredContinue(token: string): ApiError {
  const error = new ApiError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.metadata.continue = token;
  return error;
}

/** A watch wants what the history no longer holds. */
export const expired = (wanted: number, oldest: number): ApiError =>
  new ApiError(410, 'Expired', `too old resource version: ${wanted} (${oldest})`);

export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

export const tooManyRequests = (
  message: string,
  retryAfterSeconds: number,
  causes: StatusDetails['causes'] = [],
): ApiError =>
  new ApiError(429, 'TooManyRequests', message, {
    ...(causes.length > 0 && { causes }),
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  });
