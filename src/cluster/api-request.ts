import { ApiError, type ApiRequest, type ApiResponse, type UserInfo } from '../api/request.ts';
import { goJson } from '../base/go-json.ts';
import type { ConnectionTarget } from '../kubectl/io.ts';
import type { HttpRequest, HttpResponse } from '../kubectl/transport.ts';

/** What a client's request is to the API, with the headers that its kubeconfig adds. */
export function apiRequest(
  user: UserInfo,
  { user: own, userAgent }: ConnectionTarget,
  { method, path, headers, body }: HttpRequest,
): ApiRequest {
  const { impersonate, impersonateGroups = [], impersonateUid } = own;
  const query = path.indexOf('?');
  return {
    user,
    method,
    path: query < 0 ? path : path.slice(0, query),
    query: new URLSearchParams(query < 0 ? '' : path.slice(query + 1)),
    headers: {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(impersonate && { 'impersonate-user': impersonate }),
      ...(impersonateGroups.length > 0 && { 'impersonate-group': impersonateGroups.join(',') }),
      ...(impersonateUid && { 'impersonate-uid': impersonateUid }),
      ...headers,
    },
    body,
  };
}

/** The API's answer; an ApiError is one, too. */
export async function answered(ask: () => Promise<ApiResponse>, pretty = false): Promise<ApiResponse> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const status = error.toStatus();
    const body = pretty ? goJson(status, { indent: '  ' }) : status;
    return { status: error.code, contentType: 'application/json', warnings: [], body };
  }
}

/** An answer as kubectl reads it. */
export function asHttp({ status, contentType, warnings, body }: ApiResponse): HttpResponse {
  return {
    status,
    contentType,
    warnings,
    json: () => (typeof body === 'string' && contentType.includes('json') ? JSON.parse(body) : body),
    text: () => (typeof body === 'string' ? body : `${goJson(body)}\n`),
  };
}
