/** metav1.Status as the API answers it. */
export interface Status {
  kind?: string;
  apiVersion?: string;
  metadata?: unknown;
  status?: string;
  message: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: { reason?: string; message: string; field?: string }[];
    retryAfterSeconds?: number;
  };
  code?: number;
}
