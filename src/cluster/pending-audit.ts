import type { AuditLog } from '../api/audit/recorder.ts';
import type { State } from '../store/section.ts';
import type { Wiring } from './wiring.ts';

/** Where it is noted how the API server that runs keeps its audit log: AuditSettings. */
export const AUDIT_SECTION = 'api-server/audit';
export const AUDIT_KEY = 'log';

/** Lines of the audit log that wait for what can write them: most commands that read do without the kubelets. */
export class PendingAudit {
  #lines: string[] = [];

  constructor(
    private readonly state: State,
    private readonly wired: () => Wiring | undefined,
  ) {}

  get isPending(): boolean {
    return this.#lines.length > 0;
  }

  /** The API server's log, if it keeps one now. */
  log(): AuditLog | undefined {
    const settings = this.state.section<Pick<AuditLog, 'policy'>>(AUDIT_SECTION).get(AUDIT_KEY);
    if (!settings) return undefined;
    const write = (lines: string[]) => {
      const wiring = this.wired();
      if (wiring) wiring.audit(lines);
      else this.#lines.push(...lines);
    };
    return { policy: settings.policy, write };
  }

  /** Writes what waited. */
  flush(wiring: Wiring): void {
    wiring.audit(this.#lines);
    this.#lines = [];
  }
}
