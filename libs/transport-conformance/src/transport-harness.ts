import type { Transport } from '@heavylift/core';

/** What an adapter gives so that the suite can try it on a real broker. */
export interface TransportHarness {
  /** Shown in the test's name. */
  readonly name: string;

  /** A new client of the same broker, not connected yet. The suite closes it. */
  create(clientName: string): Promise<Transport>;

  /**
   * Cuts the client off for good, as kill -9 of its process would: its sockets die without goodbye, and it never comes back.
   * `openCuttableProxy` between the client and the broker does it.
   */
  crash?(transport: Transport): Promise<void>;

  /** The broker drops every live connection; clients are expected to come back. */
  disconnect?(): Promise<void>;

  /** The broker ends and starts again with its data; resolves once it takes connections. */
  restart?(): Promise<void>;

  /** How long the broker waits for a holder that died silently. Default: 500 ms. */
  readonly leaseMs?: number;

  /** How long the suite waits for something that must happen. Default: 30,000 ms. */
  readonly timeoutMs?: number;

  /** The broker drops a second send of the same id, attempt and release. Default: false. */
  readonly dedupes?: boolean;

  /** Cases that make no sense here, by their sentence. */
  readonly skip?: readonly SkippedCase[];
}

export interface SkippedCase {
  /** The case's sentence, without its group. */
  readonly case: string;
  /** Why the promise cannot be asked of this transport. */
  readonly reason: string;
}
