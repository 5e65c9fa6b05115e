/** Binds `@JobHandler` methods to {@link JobsServer} and to no other of Nest's transports. */
export const heavyliftTransportId = Symbol('heavylift');
