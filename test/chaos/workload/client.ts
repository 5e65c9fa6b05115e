import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from '../../simulation/seeded-random.js';
import type { History } from '../history.js';
import { ask, type Reply } from './ask.js';
import { type Sources, type Wish, wishFor } from './wish.js';

export interface ClientOptions {
  readonly name: string;
  readonly random: SeededRandom;
  readonly history: History;
  readonly sources: Sources;
  /** The gateways, any of which will do. */
  readonly gateways: readonly string[];
  /** The ids of jobs that were accepted, of all clients. */
  readonly accepted: string[];
}

const patienceMs = 10_000;
/** A client that hangs up this soon has often been heard, and knows nothing of it. */
const hastyMs = 25;
const mostTries = 60;
const mostPauseMs = 1_300;
const mostInBatch = 6;
/** Of the jobs accepted last, so many are looked at and cancelled. */
const recent = 40;
const finals = ['succeeded', 'failed', 'cancelled'];

/** Posts jobs, cancels some, looks at some, as its chance has it. Whatever it did and was told is in the history. */
export class Client {
  readonly #options: ClientOptions;
  #posts = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async work(until: AbortSignal): Promise<void> {
    const { random } = this.#options;
    while (!until.aborted) {
      await pause(random.whole(50, mostPauseMs));
      const chance = random.next();
      if (chance < 0.45) await this.#postOne();
      else if (chance < 0.6) await this.#postBatch();
      else if (chance < 0.72) await this.#cancel();
      else await this.#look();
    }
  }

  /** Posts a job of one's own wish, until it is accepted, and gives its id. */
  async post(wish: Wish): Promise<string> {
    const [id] = await this.#post(`${this.#options.name}-${++this.#posts}`, [wish], true);
    if (!id) throw new Error(`the job of ${wish.tag} was not accepted`);
    return id;
  }

  /** The job's status; undefined when nobody answers. */
  async look(id: string): Promise<string | undefined> {
    const { gateways, random, history } = this.#options;
    const url = `${random.pick(gateways)}/v1/jobs/${id}`;
    const askedAt = Date.now();
    const reply = await ask({ method: 'GET', url, withinMs: patienceMs });
    if (reply.kind !== 'answered') return undefined;
    const { status } = reply.body as { status: string };
    if (reply.status === 200) history.write({ op: 'look', id, status, askedAt });
    else this.#wrong(`GET ${url}`, reply);
    return reply.status === 200 ? status : undefined;
  }

  /** Resolves once the job is final; rejects when it is not in time. */
  async finished(id: string, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!finals.includes((await this.look(id)) ?? '')) {
      if (Date.now() > deadline) throw new Error(`job ${id} has no end after ${withinMs} ms`);
      await pause(100);
    }
  }

  async #postOne(): Promise<void> {
    const { name, random } = this.#options;
    const post = `${name}-${++this.#posts}`;
    await this.#post(post, [this.#wish(post)], random.chance(0.6));
  }

  async #postBatch(): Promise<void> {
    const { name, random } = this.#options;
    const post = `${name}-${++this.#posts}`;
    const wishes = Array.from({ length: random.whole(2, mostInBatch) }, (_, at) =>
      this.#wish(`${post}-${at}`),
    );
    await this.#post(post, wishes, random.chance(0.6));
  }

  #wish(tag: string): Wish {
    return wishFor(tag, this.#options.sources, this.#options.random);
  }

  /** With a key it asks again until it has an answer; without one it asks once, for the job may be there already. */
  async #post(post: string, wishes: readonly Wish[], keyed: boolean): Promise<readonly string[]> {
    const { accepted } = this.#options;
    // Of its own: what the client does next must not hang on how often it had to ask.
    const random = this.#options.random.named(post);
    const key = keyed ? { key: `key-${post}` } : {};
    for (let tries = 1; tries <= (keyed ? mostTries : 1); tries++) {
      const withinMs = random.chance(0.08) ? random.whole(1, hastyMs) : patienceMs;
      const gateway = random.pick(this.#options.gateways);
      const ids = await this.#postOnce(post, wishes, { ...key, gateway, withinMs });
      if (!ids) {
        await pause(random.whole(100, 1_000));
        continue;
      }
      if (!accepted.includes(ids[0]!)) accepted.push(...ids);
      // Now and then it asks again all the same.
      if (keyed && random.chance(0.1))
        await this.#postOnce(post, wishes, { ...key, gateway, withinMs: patienceMs });
      return ids;
    }
    return [];
  }

  async #postOnce(
    post: string,
    wishes: readonly Wish[],
    how: { readonly gateway: string; readonly key?: string; readonly withinMs: number },
  ): Promise<readonly string[] | undefined> {
    const { history } = this.#options;
    const jobs = wishes.map(({ type, payload, options }) => ({ type, payload, options }));
    const isBatch = jobs.length > 1;
    const url = `${how.gateway}/v1/jobs${isBatch ? '/batch' : ''}`;
    history.write({ op: 'post', phase: 'asked', post, wishes, ...(how.key ? { key: how.key } : {}) });
    const { key, withinMs } = how;
    const body = isBatch ? { jobs } : jobs[0];
    const reply = await ask({ method: 'POST', url, body, withinMs, ...(key ? { key } : {}) });
    const ids = idsOf(reply);
    if (ids) history.write({ op: 'post', phase: 'accepted', post, ids });
    else history.write({ op: 'post', post, ...this.#notAccepted(url, reply) });
    return ids;
  }

  #notAccepted(url: string, reply: Reply): { phase: 'refused' | 'unsure'; why: string } {
    if (reply.kind !== 'answered') return { phase: reply.kind, why: reply.why };
    // The first request with the key is still under way.
    if (reply.status === 409) return { phase: 'unsure', why: 'in progress' };
    this.#wrong(`POST ${url}`, reply);
    return { phase: 'unsure', why: String(reply.status) };
  }

  async #cancel(): Promise<void> {
    const { gateways, random, history } = this.#options;
    const id = this.#recent();
    if (!id) return;
    const url = `${random.pick(gateways)}/v1/jobs/${id}/cancel`;
    history.write({ op: 'cancel', phase: 'asked', id });
    const reply = await ask({ method: 'POST', url, body: {}, withinMs: patienceMs });
    history.write({ op: 'cancel', phase: this.#cancelPhase(url, reply), id });
  }

  #cancelPhase(url: string, reply: Reply): 'cancelled' | 'tooLate' | 'unsure' {
    if (reply.kind !== 'answered') return 'unsure';
    if (reply.status === 200) return 'cancelled';
    if (reply.status === 409) return 'tooLate';
    this.#wrong(`POST ${url}`, reply);
    return 'unsure';
  }

  async #look(): Promise<void> {
    const id = this.#recent();
    if (id) await this.look(id);
  }

  #recent(): string | undefined {
    const { accepted, random } = this.#options;
    return accepted.length === 0 ? undefined : random.pick(accepted.slice(-recent));
  }

  #wrong(what: string, { status, body }: Extract<Reply, { kind: 'answered' }>): void {
    this.#options.history.write({ op: 'wrong', what: `${what}: ${status} ${JSON.stringify(body)}` });
  }
}

function idsOf(reply: Reply): readonly string[] | undefined {
  if (reply.kind !== 'answered' || reply.status !== 202) return undefined;
  const { id, items } = reply.body as { id?: string; items?: readonly { id: string }[] };
  return items ? items.map((item) => item.id) : [id!];
}
