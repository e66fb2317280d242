/**
 * A float64 that stays one even when it is whole: a constant like 80.0. Plain numbers count as Kubernetes decodes JSON: int64
 * when whole, else float64.
 */
export class GoFloat {
  constructor(readonly value: number) {}
}
