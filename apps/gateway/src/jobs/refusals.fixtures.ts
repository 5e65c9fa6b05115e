import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { openGateway, type ProblemBody, type TestGateway } from '../gateway.fixtures.js';

export const source = 'https://example.com/clip.mov';
export const valid = { type: 'video.transcode', payload: { source, format: 'mp4' } };
export const withPayload = (payload: unknown): object => ({ ...valid, payload });

/** A gateway for one spec of refusals. After each test: nothing that was refused left a job behind, and nothing of it was the gateway's fault. */
export interface RefusingGateway {
  readonly gateway: TestGateway;
  /** How many jobs the test had taken; for the test to count. */
  taken: number;
  /** Submits a job that is refused with 422. */
  refused(body: unknown): Promise<ProblemBody>;
}

export function refusingGateway(): RefusingGateway {
  let gateway: TestGateway;
  let jobsBefore: number;
  const countJobs = async (): Promise<number> =>
    (await gateway.get<{ items: unknown[] }>('/v1/jobs?limit=100')).body.items.length;
  beforeAll(async () => void (gateway = await openGateway()));
  afterAll(() => gateway.close());
  const rig: RefusingGateway = {
    taken: 0,
    get gateway() {
      return gateway;
    },
    async refused(body) {
      const answer = await gateway.post<ProblemBody>('/v1/jobs', body);
      const contentType = answer.headers.get('content-type');
      expect([answer.status, contentType]).toEqual([422, 'application/problem+json; charset=utf-8']);
      return answer.body;
    },
  };
  beforeEach(async () => {
    rig.taken = 0;
    jobsBefore = await countJobs();
  });
  afterEach(async () => {
    expect(await countJobs()).toBe(jobsBefore + rig.taken);
    expect(gateway.log.at('error')).toEqual([]);
  });
  return rig;
}

/** The paths of the fields that are named, each once. */
export function pathsOf({ errors }: ProblemBody): string[] {
  return [...new Set(errors!.map(({ path }) => path))].sort();
}
