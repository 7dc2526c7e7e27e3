import pg from "pg";

/** Runs one statement as the owner of the tables. */
export async function asTableOwner<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as T[];
  } finally {
    await client.end();
  }
}

/** The limits' table is gone while `work` runs; everything else of the database is there. */
export async function whileStoreIsAway<T>(work: () => Promise<T>): Promise<T> {
  await asTableOwner("ALTER TABLE rate_limit RENAME TO rate_limit_away");
  try {
    return await work();
  } finally {
    await asTableOwner("ALTER TABLE rate_limit_away RENAME TO rate_limit");
  }
}
