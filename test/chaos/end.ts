/** A job as the gateways tell of it in the end. */
export interface FinalJob {
  readonly id: string;
  readonly tag: string;
  readonly status: string;
  readonly maxAttempts: number;
  readonly attempt: number;
  readonly error?: { readonly code: string };
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly history: readonly Told[];
  /** What is wrong with its files; undefined when they are as its result says. */
  readonly wrongFile?: string;
}

/** An event of a job's history. */
export interface Told {
  readonly kind: string;
  readonly at: string;
  readonly attempt: number;
  readonly worker?: string | null;
  readonly error?: { readonly code: string };
  /** It came after the job's end, and counts for nothing. */
  readonly late?: boolean;
}

/** All that there is to see once everything is healed and quiet. */
export interface End {
  readonly jobs: readonly FinalJob[];
  /** The ids of the jobs that lie among the dead letters; one that lies there twice is named twice. */
  readonly deadLetters: readonly string[];
  /** What the broker still holds, by queue or stream. */
  readonly left: Readonly<Record<string, number>>;
  /** What processes printed or did that no process should. */
  readonly complaints: readonly string[];
  /** The most memory that each ever had, in MiB. */
  readonly peakMiB: Readonly<Record<string, number>>;
}
