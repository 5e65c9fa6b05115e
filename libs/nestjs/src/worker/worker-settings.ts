import { setting } from '../settings/index.js';

/** The settings of a worker in a process of its own. */
export const workerSettings = {
  broker: setting.sharedBrokerUrl,
  storage: setting.storageUrl,
  host: setting.host,
  port: setting.port('0'),
  concurrency: setting.concurrency,
  drainTimeoutSeconds: setting.drainTimeoutSeconds,
  leaseRenewSeconds: setting.leaseRenewSeconds,
  maxUploadBytes: setting.maxUploadBytes,
  allowPrivateSources: setting.allowPrivateSources,
};
