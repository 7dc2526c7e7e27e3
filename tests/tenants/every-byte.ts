import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { decryptField, ENCRYPTED_COLUMNS } from "@/lib/platform/crypto";

/** Every row of every table there is, as text, by its table: what a superuser sees. Sealed columns are opened beside it. */
export async function everyRow(adminUrl: string): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('public', 'pgboss') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    const found = new Map<string, string[]>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string; row: Record<string, unknown> }>(
        `SELECT t::text AS text, to_jsonb(t) AS row FROM ${name} t ORDER BY 1`,
      );
      found.set(
        name.replace("public.", ""),
        rows.map(({ text, row }) => [text, ...opened(name, row)].join(" ")),
      );
    }
    return found;
  } finally {
    await client.end();
  }
}

function opened(name: string, row: Record<string, unknown>): string[] {
  return ENCRYPTED_COLUMNS.filter(({ table }) => name === `public.${table}`).flatMap(({ table, column, row: key }) => {
    const sealed = row[column];
    const rowId = key.map((part) => row[part]).join("|");
    try {
      return typeof sealed === "string"
        ? decryptField(sealed, { tenantId: String(row.tenant_id), table, column, rowId })
        : [];
    } catch {
      return [];
    }
  });
}

/** Every file below these folders, by its place. */
export function everyFile(...folders: (string | undefined)[]): Map<string, string> {
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(folder ?? "", { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file): [string, string] => [file, readFileSync(file, "utf8")]),
    ),
  );
}

/** The tables, or files, in which one of these words stands in any case. */
export const placesOf = (found: Map<string, string[] | string>, words: readonly string[]): string[] =>
  [...found].flatMap(([place, text]) => {
    const all = [text].flat().join("\n").toLowerCase();
    return words.some((word) => all.includes(word.toLowerCase())) ? [place] : [];
  });
