import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import type { Browser, Page } from 'playwright-core';
import type { Job } from '../support/api.js';
import { openTab, startBrowser, type Tab } from '../support/browser.js';
import { historyOf } from '../support/history.js';
import { smallPicture, tinyClip } from '../support/media.js';
import { pacedFfmpeg } from '../support/paced-ffmpeg.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenBrokers, ownFolder, startSystem, type System } from '../support/system.js';

const limitMs = 300_000;
const timeout = 60_000;
const clipSeconds = 6;

/** What the browser itself says of a server that is not there. */
const outage = /net::ERR_|status of 503/;

const rowIds = `[...document.querySelectorAll('[data-row]')].map((row) => row.dataset.row)`;
const timeline = `[...document.querySelectorAll('.timeline li')].map((entry) => ({
  kind: entry.querySelector('strong').textContent,
  at: entry.querySelector('time').dateTime,
}))`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, limitMs);
afterAll(() => browser?.close());

describeSideBySide(chosenBrokers, 'the gateway restarted under an open page on %s', (broker, cases) => {
  const { beforeAll, afterAll, it } = cases;
  const front = broker === 'embedded' ? 'standalone' : 'gateway';
  let programs: string;
  let system: System;
  let list: Tab;
  let card: Tab;
  let clip: string;
  let picture: string;
  beforeAll(async () => {
    programs = await ownFolder();
    system = await startSystem(broker, { ...(await pacedFfmpeg(programs)), DRAIN_TIMEOUT_SECONDS: '1' });
    clip = (await system.api.postFile<{ id: string }>('/v1/assets', await tinyClip(clipSeconds))).body.id;
    picture = (await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture())).body.id;
    list = await openTab(browser);
    card = await openTab(browser);
  }, limitMs);
  afterAll(async () => {
    await list?.context.close();
    await card?.context.close();
    await system?.stop();
    if (programs) await rm(programs, { recursive: true, force: true });
  }, limitMs);

  async function open({ page }: Tab, place: string): Promise<void> {
    page.setDefaultTimeout(timeout);
    await page.goto(`${system.api.url}/#/${place}`);
    await page.evaluate('window.openedOnce = true');
  }

  const resize = async (): Promise<Job> => {
    const payload = { source: picture, variants: [{ name: 'tiny', width: 16, format: 'png' }] };
    return (await system.api.post('/v1/jobs', { type: 'image.resize', payload })).body;
  };

  /** On the port that it had. */
  async function restart(how: 'stop' | 'kill'): Promise<void> {
    const { port } = new URL(system.api.url);
    await system.processes[front]![how]();
    await system.restart(front, { PORT: port });
  }

  async function isSame(page: Page, what: string, expected: () => Promise<unknown>): Promise<void> {
    const read = async (): Promise<[unknown, unknown]> => [await page.evaluate(what), await expected()];
    const agrees = async (): Promise<boolean> => {
      const [shown, told] = await read();
      return JSON.stringify(shown) === JSON.stringify(told);
    };
    // What differs is told below.
    await waitUntil('the page shows what the API tells', agrees, { timeoutMs: timeout }).catch(() => {});
    const [shown, told] = await read();
    expect(shown).toEqual(told);
  }

  for (const how of ['stop', 'kill'] as const)
    it(
      `after a ${how} it finds its way back by itself, and shows each event once`,
      async () => {
        const payload = { source: clip, format: 'mp4' };
        const { body: job } = await system.api.post('/v1/jobs', { type: 'video.transcode', payload });
        await open(list, 'jobs');
        await open(card, `jobs/${job.id}`);
        await list.page.locator(`[data-row="${job.id}"]`).getByText('running', { exact: true }).waitFor();
        await card.page.locator('[data-job-id][data-status=running]').waitFor();
        await card.page.getByText(/^History/).click();
        await card.page.locator('.timeline').getByText('started', { exact: true }).waitFor();

        await restart(how);
        const after = await resize();

        await list.page.locator(`[data-row="${after.id}"]`).getByText('succeeded', { exact: true }).waitFor();
        await card.page.locator('[data-job-id][data-status=succeeded]').waitFor();
        await list.page.locator(`[data-row="${job.id}"]`).getByText('succeeded', { exact: true }).waitFor();
        const happened = async (): Promise<object[]> =>
          (await historyOf(system.api, job.id)).map(({ kind, at }) => ({ kind, at }));
        await isSame(card.page, timeline, happened);
        await isSame(list.page, rowIds, async () => {
          const { body } = await system.api.get<{ items: Job[] }>('/v1/jobs?limit=25');
          return body.items.map(({ id }) => id);
        });
        for (const { page, complaints } of [list, card]) {
          expect(await page.evaluate('window.openedOnce')).toBe(true);
          expect(complaints.filter((text) => !outage.test(text))).toEqual([]);
        }
      },
      limitMs,
    );
});
