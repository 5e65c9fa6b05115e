/** The places of the page, in the order of its navigation; the first part of the address names each. */
export const places = [
  { path: '', name: 'Overview' },
  { path: 'jobs', name: 'Jobs' },
  { path: 'new', name: 'New job' },
  { path: 'queues', name: 'Queues' },
  { path: 'workers', name: 'Workers' },
  { path: 'dead-letters', name: 'Dead letters' },
  { path: 'schedules', name: 'Schedules' },
  { path: 'broker', name: 'Broker' },
  { path: 'audit', name: 'Audit' },
] as const;
export type Place = (typeof places)[number]['path'];
