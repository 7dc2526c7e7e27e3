import pg from "pg";
import { inject } from "vitest";

/** Runs statements as the superuser in the database of this test file, with every trigger off: what an intruder with the disk in hand could do. */
export async function asSuperuser<T>(fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const { superuserPassword } = inject("postgres");
  const url = new URL(process.env.DATABASE_URL ?? "");
  url.username = "postgres";
  url.password = encodeURIComponent(superuserPassword);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query("SET session_replication_role = replica");
    return await fn(client);
  } finally {
    await client.end();
  }
}
