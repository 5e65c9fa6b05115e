import type { LocalProcess } from './local-process.ts';

/** One server of a cluster. */
export interface ClusterNode {
  readonly name: string;
  /** Ends it at once by SIGKILL, as a crash would. The data is kept. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. Resolves once it serves clients and is part of the cluster. */
  start(): Promise<void>;
  /** Stops it by SIGSTOP: its connections stay open, and nobody answers on them. */
  freeze(): void;
  /** Lets it go on after `freeze`. */
  thaw(): void;
}

/** Three real servers on free loopback ports that replicate to each other; their data in temporary folders. */
export interface TestCluster {
  /** What a client connects to: all three hosts, comma-separated. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** The node that leads a queue or stream; throws while there is none. */
  leaderOf(name: string): Promise<ClusterNode>;
  /** How many nodes hold each durable queue, or each stream and consumer, and are in touch with the one that leads it. */
  copies(): Promise<Readonly<Record<string, number>>>;
  /** Ends all and removes their data; killed and frozen ones too. */
  stop(): Promise<void>;
}

/** A node as its cluster has it. */
export interface OwnedNode extends ClusterNode {
  /** Neither killed nor frozen. */
  isRunning(): boolean;
  stop(): Promise<void>;
}

/** The life of one process as that of a node. */
export function nodeOf(name: string, server: LocalProcess): OwnedNode {
  return {
    name,
    isRunning: () => server.running,
    kill: () => server.kill(),
    start: () => server.start(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop: () => server.stop(),
  };
}

/** Starts all at once; when one does not start, ends them all and says why. */
export async function startTogether(nodes: readonly OwnedNode[]): Promise<void> {
  const started = await Promise.allSettled(nodes.map((node) => node.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (!failed) return;
  await stopAll(nodes);
  throw failed.reason;
}

export async function stopAll(nodes: readonly OwnedNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.stop()));
}

/** @throws {Error} when no node is called so */
export function nodeNamed<N extends ClusterNode>(nodes: readonly N[], name: string | undefined): N {
  const found = nodes.find((node) => node.name === name);
  if (!found) throw new Error(`no node of the cluster is called ${name}`);
  return found;
}
