import { databases } from './databases.fixtures.js';
import { describeExpiry } from './describe-expiry.fixtures.js';

for (const [name, emptyDatabase] of Object.entries(databases)) describeExpiry(name, emptyDatabase);
