import { afterAll, beforeAll } from '@jest/globals';
import { type NatsServer, startNats } from '@heavylift/test-servers';
import { connect, type NatsConnection } from 'nats';

export interface TwoClients {
  /** Of the server that runs while the cases do. */
  readonly server: NatsServer;
  /** As it is. */
  readonly whole: NatsConnection;
  /** One that can but publish, as if a later client called what is quicker otherwise. */
  readonly plain: NatsConnection;
}

/** A server and a connection for the cases of the describe that asks; to be read when they run. */
export function twoClients(): () => TwoClients {
  let [server, whole]: [NatsServer?, NatsConnection?] = [];
  beforeAll(async () => {
    server = await startNats();
    whole = await connect({ servers: new URL(server.url).host });
  }, 60_000);
  afterAll(async () => {
    await whole?.close();
    await server?.stop();
  });
  return () => {
    const publish = whole!.publish.bind(whole!);
    return { server: server!, whole: whole!, plain: { publish } as unknown as NatsConnection };
  };
}
