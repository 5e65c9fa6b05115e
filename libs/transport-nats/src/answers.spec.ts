import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsServer, startNats } from '@heavylift/test-servers';
import { connect, ErrorCode, type Msg, type NatsConnection } from 'nats';
import { Answers } from './answers.js';

const data = Buffer.from('?');
const patienceMs = 30_000;

describe('answers', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let other: NatsConnection;
  let answers: Answers;

  beforeAll(async () => {
    server = await startNats();
  }, 60_000);

  beforeEach(async () => {
    const servers = new URL(server.url).host;
    nc = await connect({ servers });
    other = await connect({ servers });
    answers = new Answers(nc);
  }, 60_000);

  afterEach(async () => {
    await Promise.all([nc.close(), other.close()]);
  });

  afterAll(() => server.stop());

  async function answering(subject: string, callback: (message: Msg) => void): Promise<void> {
    other.subscribe(subject, { callback: (_, message) => callback(message) });
    await other.flush();
  }

  it('go each to its own question, in whatever order they come', async () => {
    const held: Msg[] = [];
    await answering('numbers', (message) => {
      if (held.push(message) === 100) held.reverse().forEach((each) => each.respond(each.data));
    });
    const numbers = Array.from({ length: 100 }, (_, at) => String(at));
    const asked = numbers.map((number) =>
      answers.ask({ subject: 'numbers', data: Buffer.from(number), timeoutMs: patienceMs }),
    );
    expect((await Promise.all(asked)).map((answer) => answer.string())).toEqual(numbers);
  });

  it('fail at once where nobody is there to answer', async () => {
    const asked = answers.ask({ subject: 'nobody', data, timeoutMs: patienceMs });
    await expect(asked).rejects.toMatchObject({ code: ErrorCode.NoResponders });
  });

  it('fail after their time where somebody hears and says nothing, and harm no later one', async () => {
    const late: Msg[] = [];
    await answering('slow', (message) => void late.push(message));
    await answering('quick', (message) => void message.respond(data));
    const slow = answers.ask({ subject: 'slow', data, timeoutMs: 100 });
    await expect(slow).rejects.toMatchObject({ code: ErrorCode.Timeout });
    late.forEach((message) => message.respond(Buffer.from('late')));
    const quick = await answers.ask({ subject: 'quick', data, timeoutMs: patienceMs });
    expect(quick.string()).toBe('?');
  });

  it('fail when they are given up, or may not be asked for', async () => {
    await answering('slow', () => {});
    const asked = answers.ask({ subject: 'slow', data, timeoutMs: patienceMs });
    const forbidden = answers.ask({ subject: 'slow.too', data, timeoutMs: patienceMs });
    answers.refuse('slow.too');
    answers.abandon(new Error('gone'));
    await expect(forbidden).rejects.toMatchObject({ code: ErrorCode.PermissionsViolation });
    await expect(asked).rejects.toThrow('gone');
  });

  it('come after the connection was lost and found again', async () => {
    await answering('quick', (message) => void message.respond(data));
    await answers.ask({ subject: 'quick', data, timeoutMs: patienceMs });
    await nc.reconnect();
    const again = async (): Promise<Msg> =>
      answers.ask({ subject: 'quick', data, timeoutMs: 1_000 }).catch(() => again());
    expect((await again()).string()).toBe('?');
  }, 30_000);

  it('fail on a closed connection', async () => {
    await nc.close();
    const asked = answers.ask({ subject: 'quick', data, timeoutMs: patienceMs });
    await expect(asked).rejects.toMatchObject({ code: ErrorCode.ConnectionClosed });
  });
});
