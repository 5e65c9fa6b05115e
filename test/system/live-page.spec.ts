import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import type { Browser, Page } from 'playwright-core';
import type { Job } from '../support/api.js';
import { BreakableSystem, type RealBroker } from '../support/breakable-system.js';
import { openTab, startBrowser, type Tab } from '../support/browser.js';
import { HeavyliftProcess } from '../support/process.js';
import { chosenBrokers, settingsOf } from '../support/system.js';

const limitMs = 240_000;
const timeout = 90_000;
/** More than two beats of a worker, and more than two looks at each thing that the gateway looks at. */
const idleMs = 12_000;
const settledMs = 3_000;
const places = ['', 'queues', 'workers', 'schedules', 'broker', 'audit'] as const;
type Place = (typeof places)[number];

/** One that a test can take away, and workers can join. The pages know no broker: what holds on one holds on all. */
const oneBroker = chosenBrokers.filter((broker): broker is RealBroker => broker !== 'embedded').slice(0, 1);

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, limitMs);
afterAll(() => browser?.close());

describe.each(oneBroker)('pages that are open on %s', (broker) => {
  let system: BreakableSystem;
  let tabs: ReadonlyMap<Place, Tab>;
  const joined: HeavyliftProcess[] = [];
  /** What the pages have asked the gateway for since it was last emptied, but for the stream. */
  const asked: string[] = [];
  let askedAt = 0;

  beforeAll(async () => {
    system = await BreakableSystem.start(broker);
    const opened = places.map(async (place) => [place, await open(place)] as const);
    tabs = new Map(await Promise.all(opened));
  }, limitMs);
  afterAll(async () => {
    for (const { context } of tabs?.values() ?? []) await context.close();
    await Promise.all(joined.map((worker) => worker.stop()));
    await system?.stop();
  }, limitMs);

  async function open(place: Place): Promise<Tab> {
    const tab = await openTab(browser);
    tab.page.setDefaultTimeout(timeout);
    tab.page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (!/^\/(v1|health)\//.test(pathname) || pathname === '/v1/events') return;
      asked.push(`${place || 'overview'}: ${request.method()} ${pathname}${search}`);
      askedAt = Date.now();
    });
    await tab.page.goto(`${system.api.url}/#/${place}`);
    return tab;
  }

  const page = (place: Place): Page => tabs.get(place)!.page;
  const shown = (place: Place, selector: string): Promise<void> =>
    page(place).locator(selector).first().waitFor();
  const settled = (): Promise<void> =>
    waitUntil('nothing is asked any more', async () => Date.now() - askedAt > settledMs, {
      timeoutMs: timeout,
    });

  async function startWorker(): Promise<HeavyliftProcess> {
    const { folder, server } = system;
    const worker = await HeavyliftProcess.start(
      'image-worker',
      settingsOf({ folder, brokerUrl: server.url }),
    );
    joined.push(worker);
    return worker;
  }

  it('are loaded with less than 100 kB', async () => {
    const read = async (path: string): Promise<Buffer> =>
      Buffer.from(await (await fetch(system.api.url + path)).arrayBuffer());
    const html = await read('/');
    const parts = [...html.toString().matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(parts.length).toBeGreaterThan(1);
    const files = [html, ...(await Promise.all(parts.map(read)))];
    expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(100_000);
  });

  it(
    'ask for nothing while nothing happens, nor when a queue is paused, a schedule made, and workers come and are lost',
    async () => {
      const lost = await startWorker();
      await page('').locator('[data-workers=present]').getByText('2', { exact: true }).waitFor();
      await lost.kill();
      await settled();
      asked.length = 0;
      await pause(idleMs);
      expect(asked).toEqual([]);

      await system.api.post('/v1/queues/video.transcode/pause', {});
      await shown('queues', '[data-queue="video.transcode"][data-paused=true]');
      await shown('', '[data-depths="video.transcode"][data-paused=true]');
      const fields = { name: 'yearly', cron: '0 3 1 1 *', ...system.job };
      const { body: schedule } = await system.api.post<{ id: string }>('/v1/schedules', fields);
      await shown('schedules', `[data-schedule="${schedule.id}"][data-paused=false]`);
      await system.api.post(`/v1/schedules/${schedule.id}/pause`, {});
      await shown('schedules', `[data-schedule="${schedule.id}"][data-paused=true]`);
      const next = await startWorker();
      await shown('workers', `[data-worker$=":${next.pid}"][data-status=running]`);
      await shown('workers', `[data-worker$=":${lost.pid}"][data-status=lost]`);
      await page('').locator('[data-workers=lost]').getByText('1 lost', { exact: true }).waitFor();
      await page('').locator('[data-workers=present]').getByText('2', { exact: true }).waitFor();
      // Its list is longer than what the stream tells, so it is read again, once for each thing that was done.
      await shown('audit', '[data-audit="schedule.pause"]');
      expect(asked.filter((request) => !request.startsWith('audit: GET /v1/audit'))).toEqual([]);
    },
    limitMs,
  );

  it(
    'say of a job why it waits, and another cause as soon as it is that',
    async () => {
      const payload = { source: 'https://example.com/clip.mov', format: 'mp4' };
      const { status, body } = await system.api.post<Job>('/v1/jobs', { type: 'video.transcode', payload });
      expect(status).toBe(202);
      await page('audit').goto(`${system.api.url}/#/jobs/${body.id}`);
      await shown('audit', '[data-waits-for=queue-paused]');
      await system.api.post('/v1/queues/video.transcode/resume', {});
      await shown('audit', '[data-waits-for=no-worker]');
      await system.api.post(`/v1/jobs/${body.id}/cancel`, {});
      await shown('audit', '[data-job-id][data-status=cancelled]');
    },
    limitMs,
  );

  it(
    'show that the broker is away and back, by the same stream',
    async () => {
      await settled();
      asked.length = 0;
      await system.server.kill();
      await shown('broker', '[data-service=broker][data-status=degraded]');
      await shown('', '[data-health=degraded]');
      await page('queues')
        .getByText(/^The broker is away/)
        .waitFor();
      await system.server.start();
      await shown('broker', '[data-service=broker][data-status=up]');
      await shown('', '[data-health=good]');
      await page('queues')
        .getByText(/^The broker is away/)
        .waitFor({ state: 'detached' });
      expect(asked.filter((request) => !request.startsWith('audit: GET'))).toEqual([]);
      for (const { complaints } of tabs.values()) expect(complaints).toEqual([]);
    },
    limitMs,
  );
});
