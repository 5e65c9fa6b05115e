/** A real server on a free loopback port, with its data in a temporary folder (or a container). */
export interface TestServer {
  /** What a client connects to. It stays the same over `kill`, `start` and `restart`. */
  readonly url: string;
  /** Starts it again after `kill`, on the same port and with the same data. Resolves once clients are served. */
  start(): Promise<void>;
  /** Ends it politely (clients are told) and starts it again, with its data. */
  restart(): Promise<void>;
  /** Ends it at once by SIGKILL, as a crash would. The data is kept. */
  kill(): Promise<void>;
  /** Ends it and removes its data. A server that is already gone is no error. */
  stop(): Promise<void>;
}

/** The life of one server, whether it is a process of this machine or a container. */
export type ServerLife = Omit<TestServer, 'url'>;

/** The four calls of a life as plain functions, so that they can be spread into a server. */
export function callsOf(life: ServerLife): ServerLife {
  return {
    start: () => life.start(),
    restart: () => life.restart(),
    kill: () => life.kill(),
    stop: () => life.stop(),
  };
}
