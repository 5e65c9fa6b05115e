import { databases } from './databases.fixtures.js';
import { describeJobStore } from './describe-job-store.fixtures.js';
import { describeOutbox } from './describe-outbox.fixtures.js';
import { describeScheduleBook } from './describe-schedule-book.fixtures.js';

for (const [name, emptyDatabase] of Object.entries(databases)) {
  describeJobStore(name, emptyDatabase);
  describeOutbox(name, emptyDatabase);
  describeScheduleBook(name, emptyDatabase);
}
