const BROKERS = ['embedded', 'rabbitmq', 'nats'] as const;

/** A broker that the tests can be run on. */
export type Broker = (typeof BROKERS)[number];

/** Reads `BROKERS`: names with commas between them, all when it is not set. An unknown name is an error. */
export function selectBrokers(setting: string | undefined): Broker[] {
  const names = (setting ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.filter((name) => !BROKERS.some((broker) => broker === name));
  if (unknown.length > 0)
    throw new Error(`BROKERS has ${unknown.join(', ')}: it takes ${BROKERS.join(', ')}`);
  return BROKERS.filter((broker) => names.length === 0 || names.includes(broker));
}
