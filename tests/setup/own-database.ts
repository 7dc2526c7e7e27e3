import { environmentFor, type TestDatabase, testDatabase } from "./database";

// Runs before a test file is loaded, so that lib/platform/env.ts finds these when the file first imports it. The database goes away
// with the server at the end of the run: dropping it here would cut the connections of pools that nobody closes.
const database: TestDatabase = await testDatabase();
Object.assign(process.env, environmentFor(database), { DATABASE_URL: database.ownerUrl });

/** The database of the test file that is running. */
export const ownDatabase = database;
