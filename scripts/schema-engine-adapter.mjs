import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import pg from "pg";

/** The internal "char" type of the catalogue, and text. */
const OID_CHAR = 18;
const OID_TEXT = 25;

/** Prisma's own adapter, with what the schema engine needs on top: catalogue columns of type "char", and shadow databases. */
export class AdapterFactory extends PrismaPg {
  #url;
  #shadowUrl;

  constructor(url, shadowUrl) {
    super({ connectionString: withoutSchema(url), max: 2 });
    this.#url = url;
    this.#shadowUrl = shadowUrl;
  }

  connect() {
    return open(this.#url);
  }

  /** A shadow database is where the engine replays the migrations; it is dropped with its connection. */
  async connectToShadowDb() {
    if (this.#shadowUrl) return open(this.#shadowUrl);
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    await onServer(this.#url, `CREATE DATABASE "${name}"`);
    const connection = await open(onDatabase(this.#url, name));
    const dispose = connection.dispose.bind(connection);
    connection.dispose = async () => {
      await dispose();
      await onServer(this.#url, `DROP DATABASE "${name}" WITH (FORCE)`);
    };
    return connection;
  }
}

/** The adapter has no mapping for "char": read it as text and report a character, as the native engine sees it. */
async function open(url) {
  const connection = await new PrismaPg({ connectionString: withoutSchema(url), max: 2 }).connect();
  const performIO = connection.performIO.bind(connection);
  const queryRaw = connection.queryRaw.bind(connection);
  const charColumns = new WeakMap();
  connection.performIO = async (query) => {
    const result = await performIO(query);
    const found = [];
    result.fields?.forEach((field, index) => {
      if (field.dataTypeID !== OID_CHAR) return;
      field.dataTypeID = OID_TEXT;
      found.push(index);
    });
    charColumns.set(query, found);
    return result;
  };
  connection.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns.get(query) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return connection;
}

/** `?schema=` is Prisma's own; pg does not know it. */
function withoutSchema(address) {
  const url = new URL(address);
  url.searchParams.delete("schema");
  return url.toString();
}

function onDatabase(address, database) {
  const url = new URL(withoutSchema(address));
  url.pathname = `/${database}`;
  return url.toString();
}

async function onServer(url, sql) {
  const client = new pg.Client({ connectionString: onDatabase(url, "postgres") });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
