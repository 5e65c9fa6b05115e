import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openJobStore } from '../../apps/gateway/src/store/open-job-store.js';
import { event, newJob } from '../../apps/gateway/src/store/job-store.fixtures.js';
import { openTab, startBrowser, takeScreenshots } from '../support/browser.js';
import { HeavyliftProcess } from '../support/process.js';
import { ownFolder, settingsOf } from '../support/system.js';

const limitMs = 180_000;
const timeout = 60_000;

describe('a job that has expired', () => {
  const job = newJob();
  let browser: Browser;
  let folder: string;
  let system: HeavyliftProcess & { readonly url: string };

  beforeAll(async () => {
    browser = await startBrowser();
    folder = await ownFolder();
    const settings = settingsOf({ folder, brokerUrl: 'embedded:' });
    const store = await openJobStore(settings.DATABASE_URL!);
    await store.accept([job]);
    await store.project([event(job, { kind: 'cancelled', attempt: 0 })]);
    await store.removeExpired(Date.now() + 60_000, 1);
    await store.close();
    system = await HeavyliftProcess.start('standalone', settings);
  }, limitMs);
  afterAll(async () => {
    await system?.stop();
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  it(
    'is said to have expired by the page, which takes it for no error',
    async () => {
      const { page, context } = await openTab(browser);
      await page.goto(`${system.url}/#/jobs/${job.id}`);
      await page.getByText('This job has expired.').waitFor({ timeout });
      expect(await page.getByRole('alert').count()).toBe(0);
      expect(await page.locator('[data-job-id]').textContent()).not.toContain('Loading');
      await takeScreenshots(page, 'expired-job');
      await context.close();
    },
    limitMs,
  );
});
