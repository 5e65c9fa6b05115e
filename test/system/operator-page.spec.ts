import { afterAll, beforeAll, expect } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import type { Browser, Page } from 'playwright-core';
import type { Job } from '../support/api.js';
import { barriers } from '../support/barriers.js';
import { openTab, startBrowser, type Tab, takeScreenshots } from '../support/browser.js';
import { brokenClip, phoneClip, smallPicture } from '../support/media.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 180_000;
const timeout = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, limitMs);
afterAll(() => browser?.close());

describeSideBySide(chosenBrokers, 'the page of an operator on %s', (broker, cases) => {
  const { beforeAll, afterAll, it } = cases;
  let system: System;
  let tab: Tab;
  let page: Page;
  let picture: string;
  /** Complaints that a test has provoked: the browser tells each answer that refuses. */
  const known: RegExp[] = [];
  beforeAll(async () => {
    system = await startSystem(broker);
    const { body } = await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture());
    picture = body.id;
    tab = await openTab(browser);
    page = tab.page;
    page.setDefaultTimeout(timeout);
  }, limitMs);
  afterAll(async () => {
    await tab?.context.close();
    await system?.stop();
  }, limitMs);

  const open = async (place: string): Promise<void> => void (await page.goto(`${system.api.url}/#/${place}`));
  const payload = (): object => ({
    source: picture,
    variants: [{ name: 'small', width: 32, format: 'png' }],
  });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const shown = (selector: string): Promise<void> => page.locator(selector).first().waitFor();

  /** Sees to it that anybody can use it and that it complained of nothing; takes its pictures on one broker. */
  async function isWellMade(place: string, expected: readonly RegExp[] = []): Promise<void> {
    expect(await barriers(page)).toEqual([]);
    // The pages know no broker: they look the same on all.
    if (broker === chosenBrokers[0]) await takeScreenshots(page, `${broker}-${place}`);
    known.push(...expected);
    expect(tab.complaints.filter((text) => !known.some((pattern) => pattern.test(text)))).toEqual([]);
  }

  it(
    'pauses a queue, says on a job that this is why it waits, and resumes it',
    async () => {
      await open('queues');
      await button('Pause image.resize').click();
      await shown('[data-queue="image.resize"][data-paused=true]');
      await workerHasHeard();
      const { body } = await system.api.post('/v1/jobs', { type: 'image.resize', payload: payload() });
      await open(`jobs/${body.id}`);
      await shown('[data-waits-for=queue-paused]');
      await isWellMade('job-waits');
      await page.getByRole('link', { name: 'Go to the queues.' }).click();
      await button('Resume image.resize').click();
      await shown('[data-queue="image.resize"][data-paused=false]');
      await open(`jobs/${body.id}`);
      await shown('[data-job-id][data-status=succeeded]');
      expect(await page.locator('[data-waits-for]').count()).toBe(0);
      await page
        .getByRole('log')
        .getByText(/ made small\.png: \d+x\d+, \d+ bytes$/)
        .waitFor();
    },
    limitMs,
  );

  it(
    'shows when a job would be done, and cancels it',
    async () => {
      const { body: clip } = await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip(20));
      const payload = { source: clip.id, format: 'webm', crf: 5 };
      const { body } = await system.api.post('/v1/jobs', { type: 'video.transcode', payload });
      await open(`jobs/${body.id}`);
      await shown('[data-eta]');
      await page
        .getByRole('log')
        .getByText(/ ffmpeg .* -i source /)
        .waitFor();
      await isWellMade('job-runs');
      await button('Cancel job').click();
      await shown('[data-job-id][data-status=cancelled]');
      expect(await page.locator('[data-eta]').count()).toBe(0);
    },
    limitMs,
  );

  it(
    'shows the lines of a job as they are written, and stays where its reader is',
    async () => {
      const { body: clip } = await system.api.postFile<{ id: string }>('/v1/assets', await phoneClip(1));
      const payload = { source: clip.id, count: 24, width: 64 };
      const { body } = await system.api.post('/v1/jobs', { type: 'video.thumbnails', payload });
      await open(`jobs/${body.id}`);
      const log = page.getByRole('log');
      const place = (): Promise<{ lines: number; beyond: number; toEnd: number; top: number }> =>
        log.evaluate((box) => ({
          lines: box.children.length,
          beyond: box.scrollHeight - box.clientHeight,
          toEnd: box.scrollHeight - box.clientHeight - box.scrollTop,
          top: box.scrollTop,
        }));
      // So far that its top is not near its end.
      await waitUntil('the log overflows', async () => (await place()).beyond > 48, { timeoutMs: 60_000 });
      await waitUntil('its end is in view', async () => (await place()).toEnd < 24, { timeoutMs: timeout });
      await page.evaluate(`document.querySelector('[role=log]').scrollTop = 0`);
      await shown('[data-job-id][data-status=succeeded]');
      await waitUntil('all lines are there', async () => (await place()).lines === 26, {
        timeoutMs: timeout,
      });
      expect((await place()).top).toBe(0);
      await isWellMade('job-log');
    },
    limitMs,
  );

  it(
    'limits a queue, lifts the limit, and purges it for who types its name',
    async () => {
      await open('queues');
      const queue = page.locator('[data-queue="image.resize"]');
      await queue.getByText('Limit or purge').click();
      await queue.getByLabel(/^Starts a minute/).fill('600');
      await button('Set the limit of image.resize').click();
      await queue.getByText('600 a minute', { exact: true }).waitFor();
      await isWellMade('queues');
      await queue.getByLabel(/^Starts a minute/).fill('');
      await button('Set the limit of image.resize').click();
      await queue.getByText('600 a minute', { exact: true }).waitFor({ state: 'detached' });
      await button('Pause image.resize').click();
      await shown('[data-queue="image.resize"][data-paused=true]');
      await workerHasHeard();
      const { body } = await system.api.post('/v1/jobs', { type: 'image.resize', payload: payload() });
      expect(await button('Purge image.resize').isDisabled()).toBe(true);
      await queue.getByLabel(/^Cancel all that waits/).fill('image.resize');
      await button('Purge image.resize').click();
      await queue.getByText('One job was cancelled.').waitFor();
      expect(await system.api.finished(body.id)).toMatchObject({ status: 'cancelled' });
      await button('Resume image.resize').click();
      await shown('[data-queue="image.resize"][data-paused=false]');
    },
    limitMs,
  );

  it(
    'drains a worker, resumes it and changes its size',
    async () => {
      await open('workers');
      const worker = page.locator('[data-worker^="image-worker@"]');
      await worker.getByRole('button', { name: /^Drain/ }).click();
      await shown('[data-worker^="image-worker@"][data-status=drained]');
      await isWellMade('workers');
      await worker.getByRole('button', { name: /^Resume/ }).click();
      await shown('[data-worker^="image-worker@"][data-status=running]');
      await worker.getByLabel('Jobs at a time').fill('7');
      await worker.getByRole('button', { name: /^Resize/ }).click();
      await worker.getByText('0 of 7', { exact: true }).waitFor();
    },
    limitMs,
  );

  it(
    'makes a schedule, shows its next runs and its job, changes, pauses and deletes it',
    async () => {
      await open('schedules');
      await page.getByLabel('Name', { exact: true }).fill('nightly pictures');
      await page.getByLabel(/^Cron/).fill('0 3 1 1 *');
      await page.getByLabel('Job type').selectOption('image.resize');
      await page.getByLabel('Payload (JSON)').fill(JSON.stringify(payload()));
      await shown('[data-preview="5"]');
      await button('Make schedule').click();
      await shown('[data-schedule][data-paused=false]');
      await button('Run now: nightly pictures').click();
      await shown('[data-schedule] [data-last-job]');
      await isWellMade('schedules');
      await page.locator('[data-last-job]').click();
      await shown('[data-job-id][data-status=succeeded]');
      await open('schedules');
      await page.getByRole('link', { name: 'Edit nightly pictures' }).click();
      await page.getByLabel(/^Cron/).fill('0 4 1 1 *');
      await page.getByLabel('Priority').selectOption('high');
      await page.getByLabel(/^Attempts/).fill('500');
      await page.getByLabel(/^Seconds an attempt/).fill('90');
      await button('Save').click();
      await page.getByText('maxAttempts must not be greater than 100').first().waitFor();
      await isWellMade('schedule-refused', [/status of 422/]);
      await page.getByLabel(/^Attempts/).fill('5');
      const other = { source: picture, variants: [{ name: 'other', width: 24, format: 'png' }] };
      await page.getByLabel('Payload (JSON)').fill(JSON.stringify(other));
      await button('Save').click();
      await page.locator('[data-schedule]').getByText('0 4 1 1 *').waitFor();
      const { body } = await system.api.get<{ items: object[] }>('/v1/schedules');
      const options = { priority: 'high', maxAttempts: 5, timeoutSeconds: 90 };
      expect(body.items).toMatchObject([{ options, payload: other }]);
      await page.getByRole('link', { name: 'Jobs of nightly pictures' }).click();
      await page.getByText('Only jobs of one schedule.').waitFor();
      await shown('[data-row]');
      expect(await page.locator('[data-row]').count()).toBe(1);
      await open('schedules');
      await button('Pause nightly pictures').click();
      await shown('[data-schedule][data-paused=true]');
      await button('Delete').click();
      await button('Yes').click();
      await page.locator('[data-schedule]').waitFor({ state: 'detached' });
    },
    limitMs,
  );

  it(
    'redrives dead letters by their cause, and keeps what happened before',
    async () => {
      const { body: clip } = await system.api.postFile<{ id: string }>('/v1/assets', await brokenClip());
      const { body } = await system.api.post('/v1/jobs', {
        type: 'video.transcode',
        payload: { source: clip.id, format: 'mp4' },
      });
      expect(await system.api.finished(body.id)).toMatchObject({ status: 'failed' });
      await open('dead-letters');
      await page.locator('[data-cause]').click();
      await shown('[data-open-cause] .attempts li');
      await isWellMade('dead-letters');
      await button('Redrive one job').click();
      await button('Yes').click();
      await waitUntil('it failed twice', async () => (await failures(body.id)) === 2, { timeoutMs: 60_000 });
      await open(`jobs/${body.id}`);
      await shown('[data-job-id][data-status=failed]');
      await page.getByText(/^History/).click();
      await page.locator('.timeline').getByText('failed', { exact: true }).nth(1).waitFor();
      await isWellMade('job-failed');
    },
    limitMs,
  );

  it(
    'shows at a glance how many jobs there are, and how what it needs is',
    async () => {
      await open('');
      await page.locator('.tile-succeeded').getByText('3', { exact: true }).waitFor();
      await page.locator('.tile-failed').getByText('1', { exact: true }).waitFor();
      await isWellMade('overview');
      await open('broker');
      await shown('[data-service=broker][data-status=up]');
      await isWellMade('broker');
      for (const place of ['jobs', 'new']) {
        await open(place);
        await shown('main h2');
        await isWellMade(place);
      }
    },
    limitMs,
  );

  it(
    'cancels all of a filter after saying how many, lets them run anew, and shows who did it',
    async () => {
      await system.api.post('/v1/queues/image.resize/pause', {});
      await workerHasHeard();
      const jobs = Array.from({ length: 30 }, () => ({ type: 'image.resize', payload: payload() }));
      const { body } = await system.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs });
      await open('jobs?status=queued&type=image.resize');
      await button('Cancel all queued').click();
      await page.getByText('Cancel 30 queued jobs?', { exact: true }).waitFor();
      await isWellMade('bulk');
      await button('Yes').click();
      await page.getByText('30 jobs were cancelled.', { exact: true }).waitFor();
      expect(await system.api.count('queued')).toBe(0);
      const cancelled = await system.api.count('cancelled');
      await open('jobs?status=cancelled');
      await button('Retry all cancelled').click();
      await page.getByText(`Let ${cancelled} cancelled jobs run anew?`, { exact: true }).waitFor();
      await button('Yes').click();
      await page.getByText(`${cancelled} jobs run anew.`, { exact: true }).waitFor();
      await system.api.post('/v1/queues/image.resize/resume', {});
      for (const { id } of body.items) expect((await system.api.finished(id)).status).toBe('succeeded');

      await open('jobs');
      await page.getByLabel('Job id').fill(body.items[7]!.id);
      await page.getByLabel('Job id').press('Enter');
      await page.getByRole('button', { name: 'Cancel all unfinished' }).waitFor();
      await page.locator('[data-row]').nth(1).waitFor({ state: 'detached' });
      await shown(`[data-row="${body.items[7]!.id}"]`);

      await open('audit');
      const entries = page.locator('[data-testid=audit] > li');
      await entries.first().getByText('resumed the queue image.resize').waitFor();
      await isWellMade('audit');
      for (let i = 0; i < 50; i++) await system.api.post('/v1/queues/video.transcode/resume', {});
      await entries.nth(49).getByText('resumed the queue video.transcode').waitFor();
      expect(await entries.count()).toBe(50);
      await button('Load more').click();
      for (const done of [
        'jobs.retry',
        'queue.purge',
        'dead-letters.redrive',
        'schedule.edit',
        'worker.drain',
      ])
        await shown(`[data-audit="${done}"]`);
      await page.locator('[data-audit="jobs.cancel"]').getByRole('link').click();
      await shown('input[name=status][value=queued]:checked');
    },
    limitMs,
  );

  /** What the worker is told comes in order: when it follows this, it knows of all that was ordered before. */
  function workerHasHeard(): Promise<void> {
    return waitUntil(
      'the worker follows',
      async () => {
        const { body } = await system.api.get<{ items: { id: string; concurrency: number }[] }>(
          '/v1/workers',
        );
        const worker = body.items.find(({ id }) => id.startsWith('image-worker@'));
        if (!worker) return false;
        const { id, concurrency } = worker;
        const answer = await system.api.call('PUT', `/v1/workers/${id}/concurrency`, { concurrency });
        return answer.status === 200;
      },
      { timeoutMs: 60_000 },
    );
  }

  async function failures(id: string): Promise<number> {
    const { body } = await system.api.get<{ items: { kind: string }[] }>(`/v1/jobs/${id}/history`);
    return body.items.filter(({ kind }) => kind === 'failed').length;
  }
});
