// The command `bootstrap` of the image: on a database that RDS has just made there is nobody but its administrator, who is no superuser.
import pg, { type Client, type ClientConfig } from "pg";
import { makeRoles } from "../bootstrap-database";
import { type Login, readLogins } from "./logins";
import { scramVerifier } from "./scram";

/** What PostgreSQL answers to a wrong password, and to a role without one. */
const WRONG_PASSWORD = "28P01";

/** Makes the roles and gives those that sign in the passwords of their secrets. Repeating it changes nothing but a password that is another by now. */
export async function bootstrap(log: (line: string) => void = console.log): Promise<void> {
  const { admin, owner, app, as } = await readLogins();
  await connected(as(admin), async (client) => {
    await assertMayMakeRoles(client);
    await makeRoles(client);
    log("the roles are there, and the database is arrestra_owner's");
    if (!(await searchesFast(client)))
      log(
        "arrestra_search has no BYPASSRLS, which the administrator can give only with that attribute of its own: search uses the slower plan, with the same results",
      );
    for (const login of [owner, app]) {
      if (await signsIn(as(login))) continue;
      await givePassword(client, login);
      if (!(await signsIn(as(login))))
        throw new Error(`${login.username} cannot sign in with the password it was given.`);
      log(`${login.username} has the password of its secret`);
    }
  });
}

async function connected<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Says at the start what the first statement that fails would not say. */
async function assertMayMakeRoles(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string; may: boolean; owns: boolean }>(`
    SELECT r.rolname AS name, r.rolsuper OR r.rolcreaterole AND r.rolcreatedb AND r.rolinherit AS may,
      r.rolsuper OR pg_has_role(d.datdba, 'USAGE') AS owns
    FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`);
  const [row] = rows;
  if (!row?.may)
    throw new Error(`${row?.name} cannot make the roles: that takes CREATEROLE, CREATEDB and INHERIT, or a superuser.`);
  if (!row.owns) throw new Error(`${row.name} does not own this database, and so cannot hand it to arrestra_owner.`);
}

async function searchesFast(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ bypasses: boolean }>(
    "SELECT rolbypassrls AS bypasses FROM pg_roles WHERE rolname = 'arrestra_search'",
  );
  return rows[0]?.bypasses ?? false;
}

async function signsIn(config: ClientConfig): Promise<boolean> {
  try {
    return await connected(config, async () => true);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === WRONG_PASSWORD) return false;
    throw error;
  }
}

async function givePassword(client: Client, { username, password }: Login): Promise<void> {
  const verifier = client.escapeLiteral(scramVerifier(password));
  await client.query(`ALTER ROLE ${client.escapeIdentifier(username)} PASSWORD ${verifier}`);
}
