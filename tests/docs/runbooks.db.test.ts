import pg from "pg";
import { expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { listFiles, readSource } from "../architecture/tree";
import { makeFirm } from "../setup/firms";

/** Every block of SQL in the runbooks, by the page it stands on. */
const blocks = listFiles("docs/runbooks").flatMap((file) =>
  [...readSource(file).text.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql = ""], index): [string, string] => [
    `${file}, block ${index + 1}`,
    sql,
  ]),
);

it("has SQL in the runbooks to try", () => {
  expect(blocks.length).toBeGreaterThan(4);
});

it.each(blocks)("gives SQL that the app's role can run: %s", async (_name, sql) => {
  const firm = await makeFirm();
  const given: Record<string, string> = {
    ":tenant_id": firm.id,
    ":kid": firm.key.text.split("_")[2] ?? "",
    ":key_id": firm.key.id,
    ":user_id": firm.user.id,
  };
  const filled = sql.replace(/(?<=')(:\w+)(?=')/g, (name) => given[name] ?? newId());
  const client = new pg.Client({ connectionString: process.env.APP_DATABASE_URL });
  await client.connect();
  try {
    await client.query(filled);
    if (!sql.includes("UPDATE api_key")) return;
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.tenant_id', $1, true)", [firm.id]);
    const { rows } = await client.query("SELECT revoked_at FROM api_key WHERE id = $1", [firm.key.id]);
    expect(rows[0]?.revoked_at).toBeInstanceOf(Date);
  } finally {
    await client.end();
  }
});
