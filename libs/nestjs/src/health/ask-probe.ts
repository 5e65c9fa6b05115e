import type { Probe } from './health-probes.js';

const probeTimeoutMs = 5_000;

/** What a probe found: `up` and its facts, or the severity of its failure with a `message`. */
export interface ProbeState {
  readonly status: 'up' | Probe['severity'];
  readonly [fact: string]: unknown;
}

/** How a process is, in the words of `/health/ready`. */
export interface Readiness {
  /** `error` when anything is down. */
  readonly status: 'ok' | 'error';
  /** By the probe's name. */
  readonly details: Readonly<Record<string, ProbeState>>;
}

/** Asks one probe, for five seconds at most. Never rejects. */
export async function askProbe(probe: Probe): Promise<ProbeState> {
  try {
    return { ...(await withinTime(probe)), status: 'up' };
  } catch (error) {
    return { status: probe.severity, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks all of them at once. Never rejects. */
export async function readinessOf(probes: readonly Probe[]): Promise<Readiness> {
  const states = await Promise.all(probes.map(async (probe) => [probe.name, await askProbe(probe)] as const));
  const isDown = states.some(([, { status }]) => status === 'down');
  return { status: isDown ? 'error' : 'ok', details: Object.fromEntries(states) };
}

async function withinTime(probe: Probe): Promise<Readonly<Record<string, unknown>> | void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${probe.name} did not answer within ${probeTimeoutMs / 1000} s`)),
      probeTimeoutMs,
    );
  });
  try {
    return await Promise.race([probe.check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
