import { isHere } from "@/lib/platform/safe-addresses";
import { EVIDENCE, FILES } from "../repository";
import { demoFacts } from "../start/demo-facts";
import { readOrMakeSecrets } from "../start/secrets";

/**
 * What these commands need to be told: as the environment says; without APP_DATABASE_URL, that of the demonstration of this clone. The owner's address is
 * for erasing alone. @throws Error with a sentence when there is neither.
 */
export function firmEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const isOurs = mayUseOwnFolders(env);
  const files = env.FILES_DIR || (isOurs ? FILES : "");
  const evidence = env.EVIDENCE_DIR || (isOurs ? EVIDENCE : "");
  const quiet = {
    LOG_LEVEL: env.LOG_LEVEL || "warn",
    ...(files ? { FILES_DIR: files } : {}),
    ...(evidence ? { EVIDENCE_DIR: evidence } : {}),
  };
  if (env.APP_DATABASE_URL) return quiet;
  const facts = demoFacts();
  if (!facts) {
    throw new Error(
      "Set APP_DATABASE_URL, FIELD_KEYS, BLIND_INDEX_KEY and APP_BASE_URL, or run npm start in this folder.",
    );
  }
  const secrets = readOrMakeSecrets();
  return {
    ...quiet,
    ARRESTRA_ENV: "demo",
    APP_DATABASE_URL: facts.appDatabaseUrl,
    DATABASE_URL: facts.databaseUrl,
    APP_BASE_URL: facts.baseUrl,
    FIELD_KEYS: env.FIELD_KEYS || secrets.fieldKeys,
    BLIND_INDEX_KEY: env.BLIND_INDEX_KEY || secrets.blindIndexKey,
  };
}

/**
 * Whether files may be taken to lie in folders that nobody named. Not in production, nor where the database is another machine's: its files are elsewhere, and
 * whoever erases would find nothing to take away here.
 */
export function mayUseOwnFolders({ ARRESTRA_ENV, APP_DATABASE_URL }: NodeJS.ProcessEnv): boolean {
  if (ARRESTRA_ENV === "production") return false;
  if (!APP_DATABASE_URL) return true;
  if (!URL.canParse(APP_DATABASE_URL)) return false;
  const { hostname, searchParams } = new URL(APP_DATABASE_URL);
  return isHere(searchParams.getAll("host").at(-1) || hostname);
}

/** Takes these settings, before anything of lib/ is loaded, which reads its settings once. Gives the words for whose database it is, without its password. */
export function takeFirmEnvironment(): string {
  const settings = firmEnvironment();
  Object.assign(process.env, settings);
  const place = placeOf(process.env.APP_DATABASE_URL ?? "");
  return settings.APP_DATABASE_URL ? `Of the demonstration in this folder (${place})` : `Of ${place}`;
}

/** Where a database is: what may be shown of its address. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return "an address that cannot be read";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
