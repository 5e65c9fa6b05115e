import type { JSX } from 'preact';
import { AuditPlace } from '../audit/audit-place.js';
import { BrokerPlace } from '../broker/broker-place.js';
import { DeadLettersPlace } from '../dead-letters/dead-letters-place.js';
import { JobPlace } from '../jobs/job-place.js';
import { JobsPlace } from '../jobs/jobs-place.js';
import { OverviewPlace } from '../overview/overview-place.js';
import { QueuesPlace } from '../queues/queues-place.js';
import { SchedulesPlace } from '../schedules/schedules-place.js';
import type { Route } from '../ui/route.js';
import { NewJobPlace } from '../upload/new-job-place.js';
import { WorkersPlace } from '../workers/workers-place.js';

/** The part of the page that the address names. */
export function PlaceView({ route }: { readonly route: Route }): JSX.Element {
  const [place = '', id] = route.path;
  switch (place) {
    case '':
      return <OverviewPlace query={route.query} />;
    case 'jobs':
      return id === undefined ? <JobsPlace query={route.query} /> : <JobPlace key={id} id={id} />;
    case 'new':
      return <NewJobPlace jobId={id} />;
    case 'queues':
      return <QueuesPlace />;
    case 'workers':
      return <WorkersPlace />;
    case 'schedules':
      return <SchedulesPlace id={id} />;
    case 'broker':
      return <BrokerPlace />;
    case 'audit':
      return <AuditPlace />;
    case 'dead-letters':
      return <DeadLettersPlace cause={id} />;
    default:
      return (
        <section class="panel">
          <h2>Nothing here</h2>
          <p>
            There is no page “{place}”. <a href="#/">Go to the overview.</a>
          </p>
        </section>
      );
  }
}
