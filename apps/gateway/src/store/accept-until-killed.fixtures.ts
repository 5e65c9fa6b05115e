import { newJob } from './job-store.fixtures.js';
import { openJobStore } from './open-job-store.js';

/** A process of its own that accepts jobs without end and says the id of each once it is accepted. */
const store = await openJobStore(process.argv[2]!);
for (;;) {
  const job = newJob();
  await store.accept([job]);
  process.stdout.write(`${job.id}\n`);
}
