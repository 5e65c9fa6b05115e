import { setting, SettingsError, type Settings } from '@heavylift/nestjs';

const common = {
  database: setting.databaseUrl,
  storage: setting.storageUrl,
  host: setting.host,
  port: setting.port('3000'),
  apiKeys: setting.apiKeys,
  maxUploadBytes: setting.maxUploadBytes,
  drainTimeoutSeconds: setting.drainTimeoutSeconds,
  retentionDays: setting.retentionDays,
  allowPrivateSources: setting.allowPrivateSources,
};

/** The settings of a gateway in a process of its own. */
export const gatewaySettings = { broker: setting.sharedBrokerUrl, ...common };

/** The settings of a gateway whose process may hold the workers too. */
export const embeddableGatewaySettings = { ...gatewaySettings, broker: setting.brokerUrl };

export type GatewaySettings = Settings<typeof gatewaySettings>;

const loopback = /^(localhost|127(\.\d+){3}|::1)$/;

/**
 * Without keys everybody who reaches the gateway may do everything, so only this machine may reach it.
 * @throws {SettingsError}
 */
export function refuseOpenGateway({ host, apiKeys }: Pick<GatewaySettings, 'host' | 'apiKeys'>): void {
  if (apiKeys || loopback.test(host)) return;
  throw new SettingsError(
    `HOST is "${host}", but without API_KEYS it takes 127.0.0.1, localhost or ::1 only; set API_KEYS to serve others`,
  );
}
