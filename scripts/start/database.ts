import path from "node:path";
import type pg from "pg";
import { bootstrapDatabase, type DatabaseUrls, withClient } from "../bootstrap-database";
import { type PostgresServer, startPostgres } from "../embedded-postgres";
import { STATE } from "../repository";
import type { Secrets } from "./secrets";

/** Where the demonstration's database lives. */
export const CLUSTER = path.join(STATE, "postgres");
const DATABASE = "arrestra";

/** The embedded server with its database, roles and passwords; started again on the same port when it dies. */
export class EmbeddedDatabase {
  #server: Promise<PostgresServer> | null = null;
  #stopping = false;

  constructor(private readonly onGivingUp: (reason: string) => void) {}

  async start(secrets: Secrets): Promise<DatabaseUrls> {
    this.#server = startPostgres(CLUSTER);
    const server = await this.#server;
    void this.#watch(server);
    return bootstrapDatabase(server, DATABASE, secrets.databasePasswords);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const server = await this.#server?.catch(() => null); // one that did not start has said so itself
    await server?.stop();
  }

  async #watch(server: PostgresServer): Promise<void> {
    const how = await server.exited;
    if (this.#stopping) return;
    console.error(`  ! PostgreSQL ended (${how}); starting it again. Its log: ${server.logFile}`);
    try {
      this.#server = startPostgres(CLUSTER, { port: server.port });
      void this.#watch(await this.#server);
    } catch (error) {
      this.onGivingUp(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Refuses a database that holds a firm which no demonstration made: seeding beside real work would be a mistake. */
export async function assertOnlyDemoFirms(appUrl: string): Promise<void> {
  const strangers = await withClient(appUrl, async (client: pg.Client) => {
    await client.query("BEGIN");
    await client.query("SET LOCAL ROLE arrestra_platform");
    const { rows } = await client.query<{ slug: string }>(
      "SELECT slug FROM tenant WHERE NOT demo ORDER BY slug LIMIT 3",
    );
    await client.query("ROLLBACK");
    return rows.map((row) => row.slug);
  });
  if (strangers.length > 0) {
    throw new Error(
      `This database holds a firm that the demonstration did not make (${strangers.join(", ")}): --demo is refused.`,
    );
  }
}
