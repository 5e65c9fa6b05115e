/** Asks one thing that the process needs. */
export interface Probe {
  /** Like `broker`. */
  readonly name: string;
  /** What its failure makes of the process: `down` takes no traffic, `degraded` still does its work, later or in part. */
  readonly severity: 'down' | 'degraded';
  /** Rejects when it is not well; what it resolves with is shown. */
  check(): Promise<Readonly<Record<string, unknown>> | void>;
}

export class HealthProbes {
  constructor(readonly all: readonly Probe[]) {}
}
