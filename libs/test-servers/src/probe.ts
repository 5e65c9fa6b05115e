import { connect } from 'node:net';

const ANSWER_MS = 2_000;

/**
 * Says something to a port of 127.0.0.1 and returns the first bytes of the answer. An open port alone proves little:
 * Docker's proxy accepts connections long before the server behind it is there.
 */
export function firstAnswer(port: number, greeting: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_MS });
    const end = (act: () => void): void => {
      socket.destroy();
      act();
    };
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', (bytes) => end(() => resolve(bytes)));
    socket.once('timeout', () => end(() => reject(new Error(`port ${port} does not answer`))));
    socket.once('close', () => reject(new Error(`port ${port} closed the connection`)));
    socket.once('error', reject);
  });
}

/** True when the address answers with a 2xx status. Throws when nobody answers. */
export async function answersOk(url: string, headers: Record<string, string> = {}): Promise<boolean> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
  await response.arrayBuffer();
  return response.ok;
}
