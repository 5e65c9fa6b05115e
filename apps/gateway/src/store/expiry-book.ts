/** The part of the store that lets ended jobs expire. */
export interface ExpiryBook {
  /**
   * Removes up to `limit` jobs that ended, and were accepted, before `before`, in milliseconds since 1970: with payload, result, history, and the entries of
   * the files that they made. A file stays while a stored job or a schedule names it; it goes with the last of those jobs. Says how many; 0 when none
   * is left, or others are at work on the rest. A job that runs anew is not among them.
   */
  removeExpired(before: number, limit: number): Promise<number>;

  /** When a job was removed by {@link removeExpired}, in milliseconds since 1970; nothing of a job that is there, was never there, or is forgotten. */
  expiredAt(id: string): Promise<number | undefined>;

  /** Forgets up to `limit` jobs that were removed before `before`: they are unknown from then on. Says how many. */
  forgetExpired(before: number, limit: number): Promise<number>;
}
