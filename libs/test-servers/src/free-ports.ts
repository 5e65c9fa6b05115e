import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

// Below the range from which the system takes the ports of outgoing connections: a server that a test has killed
// must find its port free again, and a neighbour's outgoing connection could have taken it.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

const given = new Set<number>();

/** Ports of 127.0.0.1 on which nobody listens now. None is given out twice in one process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS && ports.length < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (given.has(port)) continue;
    // Before the look: another call may ask meanwhile.
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < count)
    throw new Error(`no ${count} free ports between ${LOWEST} and ${HIGHEST}: close something`);
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
