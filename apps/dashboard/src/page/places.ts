/** The places of the page, in the order of its navigation; the first part of the address names each. */
export const places = [
  { path: '', name: 'Overview' },
  { path: 'jobs', name: 'Jobs' },
  { path: 'new', name: 'New job' },
  { path: 'dead-letters', name: 'Dead letters' },
] as const;
export type Place = (typeof places)[number]['path'];
