import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Job } from '../support/api.js';
import { openTab, startBrowser, type Tab, takeScreenshots } from '../support/browser.js';
import { phoneClip, phonePhoto, textNamedMp4 } from '../support/media.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 180_000;
const timeout = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, limitMs);
afterAll(() => browser?.close());

/** Chooses a file and starts the job that the page proposes. */
async function submit(page: Page, file: string): Promise<void> {
  await page.locator('#file').setInputFiles(file);
  await page.locator('#submit').click({ timeout });
}

async function openPage(page: Page, url: string): Promise<void> {
  const answer = await page.goto(url);
  expect(answer?.status()).toBe(200);
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self'");
}

/** Plays the result, without its sound, and tells what the browser makes of it. */
const playback = `(async () => {
  const video = document.querySelector('[data-result] video');
  video.muted = true;
  await video.play();
  const { readyState, duration, videoWidth, videoHeight } = video;
  return { canPlay: readyState >= 2, duration, videoWidth, videoHeight };
})()`;

/** The true sizes of the pictures in the result. */
const pictureSizes = `Promise.all([...document.querySelectorAll('[data-result] img')].map(async (image) => {
  image.loading = 'eager';
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}))`;

interface Size {
  readonly width: number;
  readonly height: number;
}

async function expectUprightPictures(page: Page): Promise<void> {
  await page.locator('[data-result] img[src]').first().waitFor({ timeout });
  const sizes = await page.evaluate<Size[]>(pictureSizes);
  expect(sizes).not.toEqual([]);
  for (const { width, height } of sizes) expect(height).toBeGreaterThan(width);
}

async function expectUprightVideo(page: Page, seconds: number): Promise<void> {
  await page.locator('[data-result] video[src]').waitFor({ timeout });
  const { canPlay, duration, videoWidth, videoHeight } =
    await page.evaluate<Record<string, number>>(playback);
  expect([canPlay, duration]).toEqual([true, expect.closeTo(seconds, 0)]);
  expect(videoHeight).toBeGreaterThan(videoWidth!);
}

const succeeded = (page: Page): Promise<void> =>
  page.locator('[data-job-id][data-status=succeeded]').waitFor({ timeout: limitMs });

describe.each(chosenBrokers)('the page on %s', (broker) => {
  let system: System;
  let tab: Tab;
  beforeAll(async () => {
    system = await startSystem(broker);
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);
  beforeEach(async () => {
    tab = await openTab(browser);
    await openPage(tab.page, `${system.api.url}/#/new`);
  }, limitMs);
  afterEach(() => tab?.context.close());

  it(
    'turns a clip into a video that plays, and shows how it comes along',
    async () => {
      const { page } = tab;
      await page.evaluate(`(() => {
      window.percents = new Set();
      new MutationObserver(() => {
        const bar = document.querySelector('[data-job-id] progress');
        if (bar) window.percents.add(Number(bar.value));
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    })()`);
      await submit(page, await phoneClip(6));
      await succeeded(page);
      await expectUprightVideo(page, 6);
      const percents = await page.evaluate<number[]>('[...window.percents]');
      expect(percents.some((percent) => percent > 0 && percent < 100)).toBe(true);
      await takeScreenshots(page, `${broker}-video`);
      expect(tab.complaints).toEqual([]);
    },
    limitMs,
  );

  it(
    'turns a photo into smaller ones, upright',
    async () => {
      const { page } = tab;
      await submit(page, await phonePhoto());
      await succeeded(page);
      await expectUprightPictures(page);
      await takeScreenshots(page, `${broker}-picture`);
      expect(tab.complaints).toEqual([]);
    },
    limitMs,
  );

  it(
    'lists the jobs, also after it was loaded anew, and opens one',
    async () => {
      const { page } = tab;
      const { body } = await system.api.get<{ items: Job[] }>('/v1/jobs?limit=1');
      const [newest] = body.items;
      await page.goto(`${system.api.url}/#/jobs`);
      await page.reload();
      await page.locator(`[data-row="${newest!.id}"]`).click({ timeout });
      await page.locator(`[data-job-id="${newest!.id}"] [data-result]`).waitFor({ timeout });
      expect(tab.complaints).toEqual([]);
    },
    limitMs,
  );

  it(
    'says what is wrong with a text in the guise of a video',
    async () => {
      const { page } = tab;
      await page.locator('#file').setInputFiles(await textNamedMp4());
      await page
        .getByText(/text\/plain/)
        .first()
        .waitFor({ timeout });
      await takeScreenshots(page, `${broker}-refused`);
      expect(await page.locator('[data-job-id]').count()).toBe(0);
    },
    limitMs,
  );

  it(
    'is quiet before anything is done',
    async () => {
      await tab.page.locator('[data-health=good]').waitFor({ timeout });
      await takeScreenshots(tab.page, `${broker}-start`);
      expect(tab.complaints).toEqual([]);
    },
    limitMs,
  );
});

describe('the page of a gateway with keys', () => {
  const key = 'page-test-key';
  let system: System;
  let tab: Tab;
  beforeAll(async () => {
    system = await startSystem('embedded', { API_KEYS: `page:read+write:${key}` });
    tab = await openTab(browser);
    await openPage(tab.page, `${system.api.url}/#/new`);
  }, limitMs);
  afterAll(async () => {
    await tab?.context.close();
    await system?.stop();
  }, limitMs);

  it(
    'asks for a key, and refuses a wrong one',
    async () => {
      const { page } = tab;
      await page.locator('#api-key').waitFor({ timeout });
      await takeScreenshots(page, 'key');
      await page.locator('#api-key').fill('not-the-key');
      await page.locator('#use-key').click();
      await page.locator('#api-key-error').waitFor({ timeout });
      expect(await page.locator('#file').count()).toBe(0);
    },
    limitMs,
  );

  it(
    'works with the right one, up to the picture and the video',
    async () => {
      const { page } = tab;
      await page.locator('#api-key').fill(key);
      await page.locator('#use-key').click();
      await submit(page, await phonePhoto());
      await succeeded(page);
      await expectUprightPictures(page);
      await page.getByRole('button', { name: 'Other file' }).click();
      await submit(page, await phoneClip());
      await page.locator('[data-job-id][data-status=succeeded] video').waitFor({ timeout: limitMs });
      await expectUprightVideo(page, 4);
    },
    limitMs,
  );

  it(
    'still knows it when it is loaded anew, and complained of nothing but the refusals',
    async () => {
      const { page } = tab;
      await page.goto(`${system.api.url}/#/jobs`);
      await page.reload();
      await page.locator('[data-row]').first().waitFor({ timeout });
      expect(await page.locator('#api-key').count()).toBe(0);
      expect(tab.complaints.filter((text) => !/status of 401/.test(text))).toEqual([]);
    },
    limitMs,
  );
});
