import { randomBytes, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { inject } from "vitest";
import { type DatabaseUrls, databaseUrls, withClient } from "../../scripts/bootstrap-database";

/** A database of one's own, migrated and empty. `adminUrl` is the superuser's, whom row-level security does not bind. */
export type TestDatabase = DatabaseUrls & { adminUrl: string; drop: () => Promise<void> };

/** Clones the migrated template: 40-90 ms. */
export async function testDatabase(): Promise<TestDatabase> {
  const { port, superuserPassword, passwords, template } = inject("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = (user: string, secret: string, database: string) =>
    `postgresql://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
  const maintenanceUrl = url("postgres", superuserPassword, "postgres");
  await withClient(maintenanceUrl, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY WAL_LOG OWNER arrestra_owner`);
    // Grants on a database, unlike those inside it, are not cloned.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO arrestra_owner, arrestra_app, arrestra_platform`);
  });
  return {
    ...databaseUrls({ url }, name, passwords),
    adminUrl: url("postgres", superuserPassword, name),
    drop: () =>
      withClient(maintenanceUrl, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** The environment of a process of ours that works on this database: fresh secrets, nothing that points outside. */
export function environmentFor(database: DatabaseUrls): Record<string, string> {
  const key = () => randomBytes(32).toString("base64");
  return {
    ARRESTRA_ENV: "test",
    APP_DATABASE_URL: database.appUrl,
    PLATFORM_DATABASE_URL: database.platformUrl,
    APP_BASE_URL: "http://localhost:3000",
    // The same for every process of one test file: what the test encrypts, the server it starts must read.
    NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET ?? key(),
    FIELD_KEYS: process.env.FIELD_KEYS ?? `test1:${key()}`,
    BLIND_INDEX_KEY: process.env.BLIND_INDEX_KEY ?? key(),
    AUDIT_SIGNING_KEYS: process.env.AUDIT_SIGNING_KEYS ?? `test1:${key()}`,
    // Made at the first head; most tests sign none.
    AUDIT_HEADS_DIR: path.join(tmpdir(), "arrestra-test-heads", new URL(database.appUrl).pathname),
    AUDIT_STREAM_DIR: path.join(tmpdir(), "arrestra-test-stream", new URL(database.appUrl).pathname),
    FILES_DIR: path.join(tmpdir(), "arrestra-test-files", new URL(database.appUrl).pathname),
    EVIDENCE_DIR: path.join(tmpdir(), "arrestra-test-evidence", new URL(database.appUrl).pathname),
    SERVICE_SIGNING_KEYS: process.env.SERVICE_SIGNING_KEYS ?? `test1:${key()}`,
    TWILIO_BASE_URL: "http://127.0.0.1:9",
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_API_KEY_SID: `SK${"0".repeat(32)}`,
    TWILIO_API_KEY_SECRET: "test",
    KICKBOX_BASE_URL: "http://127.0.0.1:9",
    KICKBOX_API_KEY: "test",
    DNS_SERVERS: "127.0.0.1:9",
    LOG_LEVEL: "warn",
  };
}
