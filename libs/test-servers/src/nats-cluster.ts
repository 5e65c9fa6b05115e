import { join } from 'node:path';
import { waitUntil } from './deadline.ts';
import { serverFolder } from './folders.ts';
import { freePorts } from './free-ports.ts';
import { LocalProcess } from './local-process.ts';
import { answersOk } from './probe.ts';
import { provide } from './provide.ts';
import { nodeOf, type OwnedNode, startTogether, stopAll, type TestCluster } from './test-cluster.ts';

interface Ports {
  readonly client: number;
  readonly route: number;
  readonly monitor: number;
}

interface NatsNode extends OwnedNode {
  readonly monitorUrl: string;
}

/** Three nats-servers. */
export interface NatsCluster extends TestCluster {
  /** How many messages a stream has ever stored, as the first node says that answers. */
  stored(stream: string): Promise<number>;
}

/** The replicas of a stream or consumer. */
interface Group {
  readonly name: string;
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[];
  };
}

interface Stream extends Group {
  readonly state: { readonly last_seq: number };
  readonly consumer_detail?: readonly Group[];
}

interface Jsz {
  readonly meta_cluster?: { readonly leader?: string; readonly cluster_size?: number };
  readonly account_details?: readonly { readonly stream_detail?: readonly Stream[] }[];
}

interface Led {
  readonly name: string;
  readonly by: NatsNode;
  readonly copies: number;
}

const SIZE = 3;
const ELECTED_MS = 90_000;
const ANSWER_MS = 2_000;

/** Starts three nats-servers with JetStream as one cluster, in about a second. They must be installed: Docker does not serve here. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const { nats } = await provide(['nats']);
  if (nats.from !== 'files') throw new Error('a NATS cluster needs nats-server here: install nats-server');
  const ports = await clusterPorts();
  const nodes = await Promise.all(ports.map((own) => natsNode(nats.path, own, ports)));
  await startTogether(nodes);
  await waitUntil('a leader of JetStream', () => hasMetaLeader(nodes[0]!), { timeoutMs: ELECTED_MS });
  return {
    url: `nats://${ports.map(({ client }) => `127.0.0.1:${client}`).join(',')}`,
    nodes,
    leaderOf: async (stream) => (await led(nodes, stream)).by,
    copies: async () => Object.fromEntries((await allLed(nodes)).map(({ name, copies }) => [name, copies])),
    stored: (stream) => Promise.any(nodes.map((node) => lastOf(node, stream))),
    stop: () => stopAll(nodes),
  };
}

async function clusterPorts(): Promise<readonly Ports[]> {
  const ports = await freePorts(3 * SIZE);
  return Array.from({ length: SIZE }, (_, index) => {
    const [client = 0, route = 0, monitor = 0] = ports.slice(3 * index);
    return { client, route, monitor };
  });
}

async function natsNode(file: string, own: Ports, all: readonly Ports[]): Promise<NatsNode> {
  const folder = await serverFolder('nats');
  const name = `heavylift-${own.client}`;
  const monitorUrl = `http://127.0.0.1:${own.monitor}`;
  const routes = all.map(({ route }) => `nats://127.0.0.1:${route}`).join(',');
  const server = new LocalProcess({
    name: `nats ${name}`,
    folder,
    command: [
      file,
      ...['-a', '127.0.0.1', '-p', String(own.client), '-m', String(own.monitor), '-n', name],
      ...['-js', '-sd', join(folder, 'jetstream')],
      ...['-cluster', `nats://127.0.0.1:${own.route}`, '-cluster_name', 'heavylift', '-routes', routes],
    ],
    ready: () => answersOk(`${monitorUrl}/healthz?js-server-only=true`),
  });
  return { ...nodeOf(name, server), monitorUrl };
}

async function hasMetaLeader(node: NatsNode): Promise<boolean> {
  const { meta_cluster: meta } = await ask<Jsz>(node, '/jsz');
  return Boolean(meta?.leader) && meta?.cluster_size === SIZE;
}

async function led(nodes: readonly NatsNode[], name: string): Promise<Led> {
  const found = (await allLed(nodes)).find((each) => each.name === name);
  if (!found) throw new Error(`${name} has no leader now`);
  return found;
}

/** Each stream and consumer, as its leader says; others do not know who is in touch with it. */
async function allLed(nodes: readonly NatsNode[]): Promise<readonly Led[]> {
  const seen = await Promise.allSettled(nodes.map((node) => ledBy(node)));
  return seen.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

async function ledBy(node: NatsNode): Promise<readonly Led[]> {
  const groups = (await streamsOf(node)).flatMap((stream) => [
    stream,
    ...(stream.consumer_detail ?? []).map((each) => ({ ...each, name: `${stream.name}/${each.name}` })),
  ]);
  return groups
    .filter(({ cluster }) => cluster?.leader === node.name)
    .map(({ name, cluster }) => ({ name, by: node, copies: 1 + inTouch(cluster) }));
}

function inTouch(cluster: Group['cluster']): number {
  return (cluster?.replicas ?? []).filter(({ current, offline }) => current && !offline).length;
}

async function lastOf(node: NatsNode, stream: string): Promise<number> {
  const last = (await streamsOf(node)).find(({ name }) => name === stream)?.state.last_seq;
  if (last === undefined) throw new Error(`${node.name} does not know stream ${stream}`);
  return last;
}

async function streamsOf(node: NatsNode): Promise<readonly Stream[]> {
  const jsz = await ask<Jsz>(node, '/jsz?streams=true&consumers=true');
  return (jsz.account_details ?? []).flatMap((account) => account.stream_detail ?? []);
}

async function ask<T>(node: NatsNode, path: string): Promise<T> {
  const response = await fetch(node.monitorUrl + path, { signal: AbortSignal.timeout(ANSWER_MS) });
  return (await response.json()) as T;
}
