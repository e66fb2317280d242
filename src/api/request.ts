import type { KubeObject } from '../types/objects.ts';

export interface UserInfo {
  username: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

/** A request as it reaches an API server, whatever carried it. */
export interface ApiRequest {
  user: UserInfo;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without the query: `/api/v1/namespaces/default/pods`. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case: accept, content-type, user-agent, impersonate-user … */
  headers: Record<string, string>;
  /** JSON already parsed, or text that is decoded by its content-type. */
  body?: unknown;
  /** What the body was before it was read, if it came as YAML. */
  yaml?: YamlSource;
}

export interface YamlSource {
  text: string;
  /** Why it is no YAML: `yaml: line 3: …`; there is no body then. */
  problem?: string;
  /** What strict reading has against it: `yaml: unmarshal errors:\n  line 7: key "a" already set in map`. */
  strict?: string;
}

export interface ApiResponse {
  status: number;
  contentType: string;
  /** Texts of Warning headers, in order. */
  warnings: string[];
  /** A JSON value (object keys in Go's struct order where that matters), or text for `text/*`. */
  body: unknown;
}

/** metav1.Status as the API answers it. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: { reason?: string; message: string; field?: string }[];
  retryAfterSeconds?: number;
}

/** A failure that the API answers with a Status; thrown anywhere below `request`. See errors.ts for the usual ones. */
export class ApiError extends Error {
  /** metav1.ListMeta of the Status. */
  readonly metadata: { continue?: string } = {};

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
  ) {
    super(message);
  }

  /** The metav1.Status of this failure. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

/** A failure without a Status, in plain text, as what stands before the API itself tells it. */
export class PlainFailure extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** The object as the request's Accept wants it: itself, or a Table of one row. */
  object: KubeObject | unknown;
}
