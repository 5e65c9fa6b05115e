import { Agent, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

const agent = new Agent({ keepAlive: true });

/**
 * Follows a job until its end.
 * @returns the data of its last event
 * @throws {Error} when the stream ends before the job
 */
export async function followToEnd(url: string, id: string): Promise<Record<string, unknown>> {
  const request = get(`${url}/v1/jobs/${id}/events`, { agent });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    const [, data] =
      /^event: (?:succeeded|failed|cancelled)\n(?:id: .*\n)?data: (.*)$/m.exec(
        text.replace(/^id: .*\n/gm, ''),
      ) ?? [];
    if (data === undefined || !text.endsWith('\n')) continue;
    // It ends by itself; what is still to come is nothing.
    response.resume();
    return JSON.parse(data) as Record<string, unknown>;
  }
  throw new Error(`the stream of job ${id} ended before the job: ${text}`);
}
