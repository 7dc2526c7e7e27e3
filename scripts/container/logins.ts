// The three logins of the command `bootstrap`, each a secret that a setting names: no other process is given all of them.
import type { ClientConfig } from "pg";
import { z } from "zod";
import { Login as OneLogin, objectIn, readSecret, secretsClient } from "@/lib/platform/read-secret";
import { isHere } from "@/lib/platform/safe-addresses";

const DEADLINE_MS = 15_000;

/** As RDS makes the administrator's and changes it: where the database is stands in the owner's. */
const Admin = z.object({ username: z.string().min(1), password: z.string().min(1) });
const loginOf = <T extends string>(role: T) => OneLogin.extend({ username: z.literal(role) });

export type Login = { username: string; password: string };
type Logins = {
  admin: Login;
  owner: Login;
  app: Login;
  /** How to reach the database as one of them. */
  as: (login: Login) => ClientConfig;
};

/** Reads the secrets of ADMIN_SECRET_ARN, OWNER_SECRET_ARN and APP_SECRET_ARN. Throws with a sentence that names the setting, never a value. */
export async function readLogins(): Promise<Logins> {
  const client = await secretsClient();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const read = async <T>(setting: string, shape: z.ZodType<T>): Promise<T> => {
    const id = process.env[setting];
    if (!id) throw new Error(`${setting}, the name of a secret, is not set.`);
    const parsed = shape.safeParse(objectIn(await readSecret(client, id, setting, signal)));
    if (parsed.success) return parsed.data;
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join(".") || "its form"))];
    throw new Error(`The secret ${id} of ${setting} is not such a login: ${fields.join(", ")}.`);
  };
  const admin = await read("ADMIN_SECRET_ARN", Admin);
  const owner = await read("OWNER_SECRET_ARN", loginOf("arrestra_owner"));
  const app = await read("APP_SECRET_ARN", loginOf("arrestra_app"));
  const { host, port, dbname } = owner;
  if (app.host !== host || app.port !== port || app.dbname !== dbname)
    throw new Error("The secrets of OWNER_SECRET_ARN and APP_SECRET_ARN name two databases.");
  // Whoever answers in the database's place would be given the administrator's password: its certificate and its name are checked, unless it is this machine.
  const ssl = isHere(host) ? {} : { ssl: { rejectUnauthorized: true } };
  const as = ({ username: user, password }: Login): ClientConfig => ({
    ...{ host, port, database: dbname, user, password },
    ...ssl,
    application_name: "arrestra-bootstrap",
    connectionTimeoutMillis: DEADLINE_MS,
  });
  return { admin, owner, app, as };
}
