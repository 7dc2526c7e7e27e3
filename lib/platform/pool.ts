import pg from "pg";
import { systemClock } from "@/lib/core/clock";
import { type DatabaseSetting, databaseAddress, requireEnv } from "./env";
import { failureFields, log } from "./log";
import { freshenSecrets, rereadSecrets } from "./secrets";

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (failed?: unknown) => void,
) => void;

/**
 * A pool whose next connection uses the address that counts then. A password that was changed reaches a running process so: what is connected stays
 * connected, and a connection that Postgres refuses for its password is made again with what the secret says now.
 */
class RotatingPool extends pg.Pool {
  readonly #setting: DatabaseSetting;

  constructor(setting: DatabaseSetting, config: pg.PoolConfig) {
    super(config);
    this.#setting = setting;
    // Each new client is made from these options. Not enumerable: an address with a password has no place where a pool is printed.
    Object.defineProperty(this.options, "connectionString", { get: () => databaseAddress(setting), enumerable: false });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    const connecting = this.#connect();
    if (!callback) return connecting;
    connecting.then(
      (client) => callback(undefined, client, (failed) => client.release(failed as Error | boolean | undefined)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  }

  async #connect(): Promise<pg.PoolClient> {
    const began = systemClock.now();
    const used = databaseAddress(this.#setting);
    freshenSecrets();
    try {
      return await super.connect();
    } catch (error) {
      if (!isRefused(error)) throw error;
      await rereadSecrets(began);
      if (databaseAddress(this.#setting) === used) throw error;
      return super.connect();
    }
  }
}

/** The password is wrong (28P01), or the login is gone, as after a change of users by turns (28000). */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "28P01" || error.code === "28000");

/** A pool on one of the database's addresses, which follows that address when its password changes. */
export function makePool(setting: DatabaseSetting, config: pg.PoolConfig): pg.Pool {
  requireEnv(setting);
  const pool = new RotatingPool(setting, { connectionTimeoutMillis: 3000, idleTimeoutMillis: 30_000, ...config });
  // Without a listener a restart of Postgres would end the process.
  pool.on("error", (error) => log.warn("an idle database connection was lost", failureFields(error)));
  return pool;
}
