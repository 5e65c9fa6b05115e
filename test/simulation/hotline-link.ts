import { decodeSignal, type Signal, type Transport } from '@heavylift/core';
import type { Broker } from './broker.js';
import type { Connection } from './connection.js';
import type { World } from './world.js';

/** Signals as one process sends and hears them; the ledger learns which inquiries got their answer. */
export function linkSignals(
  world: World,
  broker: Broker,
  connection: Connection,
): Pick<Transport, 'signal' | 'onSignal'> {
  return {
    signal: (body) => {
      noteAsked(world, body);
      return connection.call('signal', () => broker.signals.tell(body));
    },
    onSignal: async (listener) => {
      connection.listen((body) => {
        noteAnswered(world, connection, body);
        listener(body);
      });
      return { stop: async () => connection.stopHearing(), check: async () => {} };
    },
  };
}

const decoded = new WeakMap<Uint8Array, Signal>();

function signalOf(body: Uint8Array): Signal {
  const signal = decoded.get(body) ?? decodeSignal(body);
  decoded.set(body, signal);
  return signal;
}

function noteAsked({ ledger, time }: World, body: Uint8Array): void {
  const signal = signalOf(body);
  if (signal.kind === 'inquiry')
    ledger.inquiries.set(signal.inquiry, { jobId: signal.jobId, askedAt: time.now, answered: false });
}

/** Longer than this after it was asked, the answer may come too late. */
const answerWithinMs = 1_000;

function noteAnswered({ ledger, time }: World, { process }: Connection, body: Uint8Array): void {
  const signal = signalOf(body);
  if (signal.kind !== 'held' && !(signal.kind === 'answer' && signal.job)) return;
  const inquiry = ledger.inquiries.get(signal.inquiry);
  if (!inquiry || !signal.inquiry.startsWith(`${process.name}:`)) return;
  if (time.now - inquiry.askedAt < answerWithinMs) inquiry.answered = true;
}
