import { databases } from './databases.fixtures.js';
import { describeJobStore } from './describe-job-store.fixtures.js';
import { describeDeadLetters } from './describe-dead-letters.fixtures.js';
import { describeLogBook } from './describe-log-book.fixtures.js';
import { describeStatistics } from './describe-statistics.fixtures.js';
import { describeOutbox } from './describe-outbox.fixtures.js';
import { describeScheduleBook } from './describe-schedule-book.fixtures.js';

for (const [name, emptyDatabase] of Object.entries(databases)) {
  describeJobStore(name, emptyDatabase);
  describeOutbox(name, emptyDatabase);
  describeDeadLetters(name, emptyDatabase);
  describeLogBook(name, emptyDatabase);
  describeStatistics(name, emptyDatabase);
  describeScheduleBook(name, emptyDatabase);
}
