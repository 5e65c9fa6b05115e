/** Where one process asks something of another; each is counted. */
export const brokerPoints = [
  'send',
  'publish',
  'copy',
  'bury',
  'ack',
  'batchAck',
  'signal',
  'inspect',
] as const;
export const storePoints = ['accept', 'take', 'mark', 'release', 'adopt', 'project', 'look'] as const;
export type CallPoint = (typeof brokerPoints)[number] | (typeof storePoints)[number];

/**
 * What can go wrong with a call. requestLost: not executed, no answer. replyLost: executed, no answer. twice: executed again, later.
 * slow: arrives after `ms`, perhaps after its caller gave up. crashBefore, crashAfter: the caller dies before it asks, or before it hears.
 */
export const callFaults = ['requestLost', 'replyLost', 'twice', 'slow', 'crashBefore', 'crashAfter'] as const;
/** What can go wrong with a delivery, `ms` after it was made: its holder is given up and told, or not told; or a copy comes too. */
export const deliveryFaults = ['lose', 'loseUntold', 'copied'] as const;
/**
 * What happens to a process or the broker at a moment, for `ms`. block: the broker keeps nothing new meanwhile. replace: it comes
 * back without anything that it kept. blank: the same, and nobody can tell by its name.
 */
export const timedFaults = [
  'kill',
  'pause',
  'cut',
  'drain',
  'restart',
  'block',
  'storeDown',
  'replace',
  'blank',
] as const;

export type CallFault = {
  readonly kind: (typeof callFaults)[number];
  readonly point: CallPoint;
  readonly nth: number;
  readonly ms: number;
};
export type DeliveryFault = {
  readonly kind: (typeof deliveryFaults)[number];
  readonly nth: number;
  readonly ms: number;
};
/** One listener misses one signal. */
export type HearingFault = { readonly kind: 'unheard'; readonly nth: number };
export type TimedFault = {
  readonly kind: (typeof timedFaults)[number];
  readonly atMs: number;
  readonly ms: number;
  /** Which process, counted over workers and gateways. */
  readonly target: number;
};
export type Fault = CallFault | DeliveryFault | HearingFault | TimedFault;

/** Says at each passing of a point whether something is to go wrong there. */
export class FaultPlan {
  readonly timed: readonly TimedFault[];
  readonly #atPoint = new Map<string, Fault>();
  readonly #passed = new Map<string, number>();

  constructor(faults: readonly Fault[]) {
    this.timed = faults.filter((fault): fault is TimedFault => 'atMs' in fault);
    for (const fault of faults)
      if ('nth' in fault) this.#atPoint.set(keyOf(pointOf(fault), fault.nth), fault);
  }

  atCall(point: CallPoint): CallFault | undefined {
    return this.#pass(point) as CallFault | undefined;
  }

  atDelivery(): DeliveryFault | undefined {
    return this.#pass('deliver') as DeliveryFault | undefined;
  }

  atHearing(): HearingFault | undefined {
    return this.#pass('hear') as HearingFault | undefined;
  }

  #pass(point: string): Fault | undefined {
    const nth = (this.#passed.get(point) ?? 0) + 1;
    this.#passed.set(point, nth);
    return this.#atPoint.get(keyOf(point, nth));
  }
}

function pointOf(fault: Exclude<Fault, TimedFault>): string {
  if (fault.kind === 'unheard') return 'hear';
  return 'point' in fault ? fault.point : 'deliver';
}

function keyOf(point: string, nth: number): string {
  return `${point}#${nth}`;
}
