import { type JobMessage, type Settlement, settledAs } from '@heavylift/core';
import type { Broker } from './broker.js';
import type { Connection } from './connection.js';
import type { World } from './world.js';

/** A delivery whose end is to be brought to the broker. */
export interface Settling {
  readonly world: World;
  readonly broker: Broker;
  readonly connection: Connection;
  readonly tag: number;
  readonly message: JobMessage;
  readonly lost: AbortSignal;
}

/** As the port demands: what follows is safe before the delivery is let go. */
export async function followSettlement(settling: Settling, settlement: Settlement): Promise<void> {
  const { world, message } = settling;
  if (settlement.kind === 'retry' && world.scenario.retriesItself)
    return retryAtOnce(settling, settledAs(message, settlement), settlement.delayMs);
  await keepWhatFollows(settling, settlement);
  await letGo(settling);
}

export async function keepWhatFollows(settling: Settling, settlement: Settlement): Promise<void> {
  const { broker, message } = settling;
  if (settlement.kind === 'complete') return;
  const next = settledAs(message, settlement);
  switch (settlement.kind) {
    case 'retry':
    case 'release':
      return untilDone(settling, 'copy', () => broker.store(next, settlement.delayMs));
    case 'deadLetter':
      return untilDone(settling, 'bury', () => broker.bury(next, settlement.reason));
  }
}

export function letGo(settling: Settling): Promise<void> {
  return untilDone(settling, 'ack', () => void settling.broker.acknowledge(settling.tag));
}

function retryAtOnce(settling: Settling, next: JobMessage, delayMs: number): Promise<void> {
  return untilDone(settling, 'ack', () => void settling.broker.replace(settling.tag, next, delayMs));
}

/** Again and again until the broker has it, or the delivery is another's. */
async function untilDone(
  { world, connection, lost }: Settling,
  point: 'copy' | 'bury' | 'ack',
  work: () => void,
): Promise<void> {
  while (!lost.aborted) {
    try {
      return await connection.call(point, work);
    } catch (error) {
      world.note(`${connection.process.name} ${point} failed: ${(error as Error).message}`);
      await new Promise<void>((resolve) => void world.time.after(100, () => resolve()));
    }
  }
  throw new Error('the delivery is lost');
}
