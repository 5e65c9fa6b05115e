import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSettings, setting, settingsTable } from './index.js';

describe('settings', () => {
  it('take their defaults when nothing is set', () => {
    const spec = { broker: setting.brokerUrl, port: setting.port('3000'), keys: setting.apiKeys };
    expect(readSettings(spec, {})).toEqual({ broker: 'embedded:', port: 3000, keys: undefined });
  });

  it.each([
    [setting.brokerUrl, 'redis://h', 'BROKER_URL is "redis://h", but takes embedded:, amqp://'],
    [setting.brokerUrl, 'smtp://u:secret@h', 'BROKER_URL is "smtp://u:***@h", but takes'],
    [setting.port('3000'), '70000', 'PORT is "70000", but takes a whole number from 0 to 65535'],
    [setting.concurrency, '0', 'CONCURRENCY is "0", but takes a whole number from 1 to 1000'],
    [setting.retentionDays, '-1', 'RETENTION_DAYS is "-1", but takes a whole number of days from 0 to 36500'],
    [setting.apiKeys, 'ops:root:0123456789', 'API_KEYS is "***", but takes name:scope+scope:key entries'],
    [setting.allowPrivateSources, 'yes', 'ALLOW_PRIVATE_SOURCES is "yes", but takes true or false'],
  ])('name the variable, what it got and what it takes: %#', (one, value, message) => {
    expect(() => readSettings({ one }, { [one.name]: value })).toThrow(message);
  });

  it('refuse embedded where a broker must be shared, and say why', () => {
    expect(() => readSettings({ broker: setting.sharedBrokerUrl }, {})).toThrow(
      /embedded: lives inside one process/,
    );
  });

  it('are read from a file by NAME_FILE', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'keys');
    writeFileSync(file, 'ops:read+admin:0123456789\n');
    const { keys } = readSettings({ keys: setting.apiKeys }, { API_KEYS_FILE: file });
    expect(keys).toEqual([{ name: 'ops', scopes: ['read', 'admin'], key: '0123456789' }]);
  });

  it('say so when that file is missing', () => {
    expect(() => readSettings({ keys: setting.apiKeys }, { API_KEYS_FILE: '/nowhere/keys' })).toThrow(
      /^API_KEYS_FILE is/,
    );
  });

  it('are printed as a table', () => {
    expect(settingsTable({ broker: setting.brokerUrl })).toMatch(/BROKER_URL +embedded: +embedded:, amqp:/);
  });
});
