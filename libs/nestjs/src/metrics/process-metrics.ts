import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry with Node's own figures: CPU, memory, event-loop lag, garbage collection. */
export function processMetrics(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  return registry;
}
