import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";

const BOOTSTRAP = fileURLToPath(new URL("../prisma/bootstrap.sql", import.meta.url));
const LOGIN_ROLES = { owner: "arrestra_owner", app: "arrestra_app", platform: "arrestra_platform" };

/**
 * Makes the database when it is missing, runs prisma/bootstrap.sql in it and sets the passwords of the three roles that sign in.
 * Gives their addresses. Repeating it changes nothing but the passwords.
 *
 * @param {{ adminUrl: (database?: string) => string, url: (user: string, secret: string, database: string) => string }} server
 * @param {string} database
 * @param {{ owner: string, app: string, platform: string }} passwords
 */
export async function bootstrapDatabase(server, database, passwords) {
  await withClient(server.adminUrl(), async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  });
  await withClient(server.adminUrl(database), async (client) => {
    await client.query(readFileSync(BOOTSTRAP, "utf8"));
    for (const [key, role] of Object.entries(LOGIN_ROLES)) {
      await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(passwords[key])}`);
    }
  });
  return databaseUrls(server, database, passwords);
}

/** The addresses of one database of the server for the three roles that sign in. */
export function databaseUrls(server, database, passwords) {
  return {
    ownerUrl: server.url(LOGIN_ROLES.owner, passwords.owner, database),
    appUrl: server.url(LOGIN_ROLES.app, passwords.app, database),
    platformUrl: server.url(LOGIN_ROLES.platform, passwords.platform, database),
  };
}

/** Runs `work` with a connection that is closed afterwards. */
export async function withClient(connectionString, work) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
