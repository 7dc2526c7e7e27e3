import { existsSync } from "node:fs";
import path from "node:path";
import { placeOf } from "../firm/environment";
import { tryLock } from "../lock-file";
import { AUDIT_HEADS, STATE } from "../repository";
import { CLUSTER, EmbeddedDatabase } from "../start/database";
import { demoFacts } from "../start/demo-facts";
import { readOrMakeSecrets } from "../start/secrets";

/** What the verifier is told, the words for whose database it is, without its password, and how to put away what was started for it. */
type Opened = { settings: Record<string, string>; of: string; close: () => Promise<void> };

const keepOpen = async (): Promise<void> => {};

/**
 * Where the chains, their keys and their heads are: as the environment says; without APP_DATABASE_URL, in the demonstration of this clone, whose
 * database is started for the while when nobody runs it.
 * @throws Error with a sentence when there is nothing to verify.
 */
export async function openSettings(env: NodeJS.ProcessEnv = process.env): Promise<Opened> {
  if (env.APP_DATABASE_URL) return { settings: keysFor(env), of: placeOf(env.APP_DATABASE_URL), close: keepOpen };
  if (!existsSync(CLUSTER)) throw new Error("There is no database here yet: set APP_DATABASE_URL, or run npm start.");
  const lock = tryLock(path.join(STATE, "start.lock"));
  if ("holder" in lock) {
    const facts = demoFacts();
    if (!facts)
      throw new Error("The demonstration of this folder is about to start. Try again when it says where it is.");
    return demonstration(env, facts.appDatabaseUrl, keepOpen);
  }
  const database = new EmbeddedDatabase((reason) => {
    console.error(reason);
    process.exit(1);
  });
  const close = async () => {
    await database.stop();
    lock.release();
  };
  try {
    const { appUrl } = await database.start(readOrMakeSecrets());
    return demonstration(env, appUrl, close);
  } catch (error) {
    await close();
    throw error;
  }
}

const demonstration = (env: NodeJS.ProcessEnv, url: string, close: Opened["close"]): Opened => ({
  settings: { ...keysFor(env), APP_DATABASE_URL: url },
  of: `the demonstration in this folder (${placeOf(url)})`,
  close,
});

/** What is not set is what npm start made for this clone: it serves a given database with the same. */
function keysFor(env: NodeJS.ProcessEnv): Record<string, string> {
  const quiet = { LOG_LEVEL: env.LOG_LEVEL || "warn", AUDIT_HEADS_DIR: env.AUDIT_HEADS_DIR || AUDIT_HEADS };
  if (env.BLIND_INDEX_KEY && env.AUDIT_SIGNING_KEYS) return quiet;
  if (!existsSync(path.join(STATE, "secrets.json"))) {
    throw new Error("Set BLIND_INDEX_KEY and AUDIT_SIGNING_KEYS: without them no hash and no head can be checked.");
  }
  const { blindIndexKey, auditSigningKeys } = readOrMakeSecrets();
  return {
    ...quiet,
    BLIND_INDEX_KEY: env.BLIND_INDEX_KEY || blindIndexKey,
    AUDIT_SIGNING_KEYS: env.AUDIT_SIGNING_KEYS || auditSigningKeys,
  };
}
