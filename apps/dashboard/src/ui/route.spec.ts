import { describe, expect, it } from '@jest/globals';
import { href, parseRoute } from './route.js';

describe('an address on the page', () => {
  it('leads back to the path and query that it was made of', () => {
    const query = { status: 'failed', type: 'a.b', cause: undefined, empty: '' };
    expect(parseRoute(href(['jobs', 'a/b ?#ö'], query))).toEqual({
      path: ['jobs', 'a/b ?#ö'],
      query: { status: 'failed', type: 'a.b' },
    });
  });

  it.each(['', '#', '#/', '#//'])('that is %p is the overview', (hash) => {
    expect(parseRoute(hash)).toEqual({ path: [], query: {} });
  });

  it('with a mistyped escape is taken as it stands', () => {
    expect(parseRoute('#/jobs/%zz').path).toEqual(['jobs', '%zz']);
  });
});
