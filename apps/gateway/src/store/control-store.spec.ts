import { databases } from './databases.fixtures.js';
import { describeControlStore } from './describe-control-store.fixtures.js';

for (const [name, emptyDatabase] of Object.entries(databases)) describeControlStore(name, emptyDatabase);
