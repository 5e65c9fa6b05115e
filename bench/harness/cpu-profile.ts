import type { Profiler, Runtime } from 'node:inspector';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Milliseconds by name, the longest first. */
export type Costs = readonly (readonly [string, number])[];

/** Where a process spent its time. */
export interface CpuCosts {
  readonly busyMs: number;
  /** By package; `node` is Node itself, `gc` the garbage collector, `(program)` native code without a name. */
  readonly packages: Costs;
  /** Without what they call. */
  readonly functions: Costs;
  /** Functions of ours, with all that they call. */
  readonly ours: Costs;
}

export function costsOf(profile: Profiler.Profile): CpuCosts {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  const [packages, functions, ours] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let busyMs = 0;
  profile.samples?.forEach((id, index) => {
    const ms = (profile.timeDeltas?.[index] ?? 0) / 1_000;
    const { callFrame } = nodes.get(id)!;
    if (callFrame.functionName === '(idle)') return;
    busyMs += ms;
    add(packages, packageOf(callFrame), ms);
    add(functions, nameOf(callFrame), ms);
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)!.callFrame;
      if (/^(libs|apps)\//.test(placeOf(frame))) seen.add(nameOf(frame));
    }
    for (const name of seen) add(ours, name, ms);
  });
  return { busyMs, packages: sorted(packages), functions: sorted(functions), ours: sorted(ours) };
}

function nameOf(frame: Runtime.CallFrame): string {
  const place = placeOf(frame);
  return `${frame.functionName || '(anonymous)'}${place ? ` ${place}:${frame.lineNumber + 1}` : ''}`;
}

function placeOf({ url }: Runtime.CallFrame): string {
  if (!url.startsWith('file:')) return url;
  return fileURLToPath(url).replace(root, '').replaceAll(sep, '/');
}

function packageOf(frame: Runtime.CallFrame): string {
  const place = placeOf(frame);
  const [, ours] = /^((?:libs|apps)\/[^/]+)/.exec(place) ?? [];
  const [, foreign] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(place) ?? [];
  if (frame.functionName === '(garbage collector)') return 'gc';
  return ours ?? foreign ?? (place.startsWith('node:') ? 'node' : place || '(program)');
}

function add(to: Map<string, number>, name: string, ms: number): void {
  to.set(name, (to.get(name) ?? 0) + ms);
}

function sorted(costs: ReadonlyMap<string, number>): Costs {
  return [...costs].sort(([, a], [, b]) => b - a);
}
