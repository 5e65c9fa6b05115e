import type { IncomingMessage } from 'node:http';

const limitMs = 10_000;

/**
 * Reads on and drops what a refused request still sends: many clients hear the answer only once they have sent everything. After
 * 10 s the connection is cut, since nobody has to take in gigabytes for nothing.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const cut = setTimeout(() => socket.destroy(), limitMs);
  const done = (): void => {
    clearTimeout(cut);
    socket.off('close', done);
  };
  request.once('end', done);
  // Once it is answered, a request does not hear any more that its connection is gone.
  socket.once('close', done);
  request.unpipe();
  request.resume();
}
