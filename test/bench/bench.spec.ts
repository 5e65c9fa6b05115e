import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sharedPostgresUrl, sharedRabbitmqUrl, startRedis, type TestServer } from '@heavylift/test-servers';
import { runScenario } from '../../bench/harness/run-scenario.js';
import type { Scenario } from '../../bench/harness/scenario.js';
import { type Broker, chosenBrokers, type OwnBroker, ownBroker } from '../support/system.js';

// Each starts a few processes and runs some hundred jobs, on a machine that may have other things to do.
jest.setTimeout(180_000);

/** The adapters and the system are measured on each; of the other scenarios, each broker has some. */
const scenarios: Readonly<Record<Broker, readonly string[]>> = {
  rabbitmq: ['transport', 'handler', 'tracked', 'startup'],
  nats: ['transport', 'latency', 'accept', 'progress'],
  embedded: ['transport', 'tracked', 'backlog', 'image', 'video'],
};

let redis: TestServer;
beforeAll(async () => void (redis = await startRedis()));
afterAll(() => redis.stop());

describe.each(chosenBrokers)('the measurements on %s', (broker) => {
  let own: OwnBroker;
  beforeAll(async () => void (own = await ownBroker(broker)));
  afterAll(() => own.stop());

  it.each(scenarios[broker])('%s: each contestant has a figure for what it is measured by', async (name) => {
    const { scenario } = (await import(`../../bench/${name}.js`)) as { readonly scenario: Scenario };
    const servers = {
      redis: redis.url,
      ...(broker === 'embedded' ? {} : { postgres: await sharedPostgresUrl() }),
      ...(broker === 'rabbitmq' ? {} : { rabbitmq: await sharedRabbitmqUrl() }),
      ...(broker === 'embedded' ? {} : { [broker]: own.url }),
    };
    const report = await runScenario(scenario, { name, broker, small: true, servers, say: () => {} });
    const figures = Object.values(report.medians);
    expect(figures.length).toBeGreaterThan(0);
    for (const ofOne of figures) {
      expect(Object.keys(ofOne).length).toBeGreaterThan(0);
      expect(Object.keys(scenario.measures)).toEqual(expect.arrayContaining(Object.keys(ofOne)));
      for (const figure of Object.values(ofOne)) expect(figure).toBeGreaterThan(0);
    }
  });
});
