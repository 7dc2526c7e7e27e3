import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { PostgresServer } from "./embedded-postgres";

const BOOTSTRAP = fileURLToPath(new URL("../prisma/bootstrap.sql", import.meta.url));
const LOGIN_ROLES = { owner: "arrestra_owner", app: "arrestra_app", platform: "arrestra_platform" } as const;

export type RolePasswords = Record<keyof typeof LOGIN_ROLES, string>;
export type DatabaseUrls = { ownerUrl: string; appUrl: string; platformUrl: string };

/**
 * Makes the database when it is missing, runs prisma/bootstrap.sql in it and sets the passwords of the three roles that sign in.
 * Gives their addresses. Repeating it changes nothing but the passwords.
 */
export async function bootstrapDatabase(
  server: PostgresServer,
  database: string,
  passwords: RolePasswords,
): Promise<DatabaseUrls> {
  await withClient(server.adminUrl(), async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  });
  await withClient(server.adminUrl(database), async (client) => {
    await makeRoles(client);
    for (const [key, role] of Object.entries(LOGIN_ROLES)) {
      const password = passwords[key as keyof RolePasswords];
      await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
    }
  });
  return databaseUrls(server, database, passwords);
}

/** Runs prisma/bootstrap.sql in the database of this connection: whole or not at all. */
export async function makeRoles(client: pg.Client): Promise<void> {
  await client.query(readFileSync(BOOTSTRAP, "utf8"));
}

/** The addresses of one database of the server for the three roles that sign in. */
export function databaseUrls(
  server: Pick<PostgresServer, "url">,
  database: string,
  passwords: RolePasswords,
): DatabaseUrls {
  return {
    ownerUrl: server.url(LOGIN_ROLES.owner, passwords.owner, database),
    appUrl: server.url(LOGIN_ROLES.app, passwords.app, database),
    platformUrl: server.url(LOGIN_ROLES.platform, passwords.platform, database),
  };
}

/** Runs `work` with a connection that is closed afterwards. @throws what the server said when it ended the connection meanwhile, and not only that it is gone. */
export async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  let ended: Error | undefined;
  // Said while no query runs, it has no other listener, and would end the process.
  client.on("error", (error) => {
    ended ??= error;
  });
  await client.connect();
  try {
    return await work(client);
  } catch (error) {
    throw ended ?? error;
  } finally {
    await client.end();
  }
}
