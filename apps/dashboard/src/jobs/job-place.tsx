import type { JSX } from 'preact';
import { JobCard } from '../job/job-card.js';
import { href } from '../ui/route.js';

/** One job, in full. */
export function JobPlace({ id }: { readonly id: string }): JSX.Element {
  return <JobCard id={id} closeHref={href(['jobs'])} />;
}
