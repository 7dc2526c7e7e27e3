// Secrets come at run time and not with the build: whoever reads an artifact of a build, or the environment in a console, reads no secret. The process
// asks AWS Secrets Manager with the role it runs under (Amplify's compute role, the task role), which is why there is no key to give it.
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { type Clock, systemClock } from "@/lib/core/clock";
import { ENV_NAMES, fillSettings, ownerSecretId, replaceDatabases, secretIds } from "./env";
import { failureFields, log } from "./log";
import { Login, objectIn, readSecret, secretsClient } from "./read-secret";
import { isHere } from "./safe-addresses";

/** A secret that was changed is seen after so long, or at once when Postgres refuses the old password. */
const FRESH_MS = 5 * 60_000;
/** After a reading that brought nothing new, however many connections are refused. */
const PATIENCE_MS = 1000;
/** All tries at start together; a process that cannot read its secrets should say so while somebody still looks at the deploy. */
const START_DEADLINE_MS = 15_000;
/** A request waits for this one, with what it may wait for a connection. */
const REREAD_DEADLINE_MS = 2500;
/** Never the login of a process that serves: it would be bound by nothing that binds the app's role. */
const OWNER = "arrestra_owner";

type Held = { client: SecretsManagerClient; beganAt: number; broughtNews: boolean; reading: Promise<void> };
// One state per process, also when Next loads this module in more than one bundle.
const holder = globalThis as typeof globalThis & { arrestraSecrets?: Held | undefined };

/** `forMigrations` takes the owner's address too, which no process that serves is given. */
type Options = { clock?: Clock; forMigrations?: boolean };

/**
 * Reads every secret that SECRETS_ARN names and lets its values stand in for settings that the environment does not set: the environment wins. Each is a
 * JSON object of settings by name, or a login as AWS keeps and changes it for a database, which becomes its address. Nothing is logged. To be called before
 * anything reads `env()`; without SECRETS_ARN it does nothing.
 * @throws with a sentence that names the secret and the setting, never a value.
 */
export async function loadSecrets({ clock = systemClock, forMigrations = false }: Options = {}): Promise<void> {
  if (secretIds().length === 0) return;
  const client = await secretsClient();
  const beganAt = clock.now().getTime();
  fillSettings(await readAll(client, START_DEADLINE_MS, forMigrations));
  holder.arrestraSecrets = { client, beganAt, broughtNews: true, reading: Promise.resolve() };
}

/**
 * Reads the login that OWNER_SECRET_ARN names as DATABASE_URL, for the commands of an operator: they act as the app's role, and erase as the owner. Beside
 * loadSecrets, which gives them the rest. Without OWNER_SECRET_ARN it does nothing. @throws as loadSecrets does.
 */
export async function loadOwner(): Promise<void> {
  const id = ownerSecretId();
  if (!id) return;
  const text = await readSecret(await secretsClient(), id, "OWNER_SECRET_ARN", AbortSignal.timeout(START_DEADLINE_MS));
  const { DATABASE_URL } = settingsIn(id, text, true, "OWNER_SECRET_ARN");
  if (!DATABASE_URL) throw new Error(`The secret ${id} of OWNER_SECRET_ARN holds no DATABASE_URL.`);
  fillSettings({ DATABASE_URL });
}

/**
 * Gives when a reading that began after `since` has ended, made now unless there was one: what was refused before is then known or not to be had. Only the
 * addresses of the database are taken from it. Never throws: what was read before goes on to count.
 */
export async function rereadSecrets(since: Date, clock: Clock = systemClock): Promise<void> {
  const held = holder.arrestraSecrets;
  if (!held) return;
  const now = clock.now().getTime();
  const isTooSoon = !held.broughtNews && now - held.beganAt < PATIENCE_MS;
  if (held.beganAt <= since.getTime() && !isTooSoon) {
    held.beganAt = now;
    held.reading = reread(held);
  }
  await held.reading;
}

/** Begins to read the secrets again when the last time is five minutes ago; nobody waits for it. */
export function freshenSecrets(clock: Clock = systemClock): void {
  void rereadSecrets(new Date(clock.now().getTime() - FRESH_MS), clock);
}

async function reread(held: Held): Promise<void> {
  try {
    held.broughtNews = replaceDatabases(await readAll(held.client, REREAD_DEADLINE_MS, false));
    if (held.broughtNews) log.info("the database's address was read anew");
  } catch (error) {
    held.broughtNews = false;
    log.warn("the secrets could not be read again", failureFields(error));
  }
}

async function readAll(
  client: SecretsManagerClient,
  deadlineMs: number,
  forMigrations: boolean,
): Promise<Record<string, string>> {
  const signal = AbortSignal.timeout(deadlineMs);
  const settings: Record<string, string> = {};
  for (const id of secretIds()) {
    const held = settingsIn(id, await readSecret(client, id, "SECRETS_ARN", signal), forMigrations);
    for (const [name, value] of Object.entries(held)) {
      if (Object.hasOwn(settings, name)) throw new Error(`Two secrets of SECRETS_ARN hold ${name}: which one counts?`);
      settings[name] = value;
    }
  }
  return settings;
}

const Settings = z.record(z.string(), z.string());

function settingsIn(id: string, text: string, forMigrations: boolean, setting = "SECRETS_ARN"): Record<string, string> {
  const json = objectIn(text);
  const login = Login.safeParse(json);
  if (login.success && login.data.username === OWNER && !forMigrations)
    throw new Error(`The secret ${id} of ${setting} is the owner's login, which only migrations take.`);
  if (login.success) return { [forMigrations ? "DATABASE_URL" : "APP_DATABASE_URL"]: addressOf(login.data) };
  const settings = Settings.safeParse(json);
  if (!settings.success)
    throw new Error(
      `The secret ${id} of ${setting} is not a JSON object of settings with texts, nor a login of a database.`,
    );
  const known = forMigrations ? [...ENV_NAMES, "DATABASE_URL"] : ENV_NAMES;
  const strangers = Object.keys(settings.data).filter((name) => !known.includes(name));
  if (strangers.length > 0)
    throw new Error(
      `The secret ${id} of ${setting} holds ${strangers.join(", ")}: no such setting (see .env.example).`,
    );
  return settings.data;
}

/** With the server's certificate checked, unless the database is on this machine; NODE_EXTRA_CA_CERTS says who signs it. */
function addressOf({ host, port, dbname, username, password }: z.infer<typeof Login>): string {
  const login = [username, password].map(encodeURIComponent).join(":");
  return `postgresql://${login}@${host}:${port}/${encodeURIComponent(dbname)}${isHere(host) ? "" : "?sslmode=verify-full"}`;
}
