import { mkdirSync } from "node:fs";
import pg from "pg";
import { afterAll, describe, expect, it, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import { closeQueue } from "@/lib/platform/queue";
import { runArrestra } from "../../scripts/arrestra/run-command";
import { withClient } from "../../scripts/bootstrap-database";
import { bind, type Erasure, erasePerson } from "../../scripts/person/erase-person";
import { eraseEverywhere } from "../../scripts/person/every-firm";
import { searchRows } from "../../scripts/person/search-rows";
import { readTrace } from "../../scripts/person/trace";
import { countsOf, imported } from "../leads/import-world";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";

const { adminUrl, ownerUrl } = ownDatabase;
for (const folder of [process.env.FILES_DIR, process.env.EVIDENCE_DIR]) mkdirSync(folder ?? "", { recursive: true });
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

const asked = ({ id, slug }: TestFirm): Erasure => ({
  ownerUrl,
  firm: { id, slug },
  because: "request",
  order: null,
  by: "ops@console",
});
const formOf = (last: string, over: { suffix?: string; dateOfBirth?: string; arrestedAt?: string } = {}) => {
  const { suffix, ...rest } = over;
  return {
    sourceId: `form-${newId()}`,
    name: { first: "Quinn", middle: "Avery", last, ...(suffix ? { suffix } : {}) },
    dateOfBirth: "1990-02-03",
    county: "Travis",
    arrestedAt: "2026-11-20T16:00:00Z",
    charges: [
      { offense: "DWI", bailCents: 50_000, causeNumber: "C-1" },
      { offense: "THEFT", causeNumber: "C-2" },
    ],
    ...rest,
  };
};
type Form = ReturnType<typeof formOf>;
const post = async (firm: TestFirm, form: Form, source = "topics.travis") =>
  (await ingestLeads(firm.asKey(), { source, leads: [form] })).results[0];
const list = async (firm: TestFirm, headings: string, row: string) => {
  const { created, suppressed } = countsOf(await imported(firm.asUser(), `${headings}\n${row}\n`));
  return { created, suppressed };
};
const leadsOf = ({ id }: TestFirm) =>
  asOwner(id, async (client) =>
    (await client.query<{ id: string }>("SELECT id FROM lead WHERE tenant_id = $1 ORDER BY id", [id])).rows.map(
      (each) => each.id,
    ),
  );
const REFUSED = { created: 0, suppressed: 1 };

describe("a record that was destroyed", () => {
  it("stays away whatever id a list or another source gives it, and whatever of it a list leaves out", async () => {
    const firm = await makeFirm();
    const form = formOf("Kappa", { suffix: "Jr" });
    await erasePerson(asked(firm), (await post(firm, form))?.leadId ?? "");
    const facts = "1990-02-03,2026-11-20,Travis,DWI";
    const said = "Name,DOB,Arrested,County,Charge";
    expect(await list(firm, said, `"Kappa, Quinn Avery Jr",${facts}`)).toEqual(REFUSED);
    // Seen red without: likenesses in findSuppressedRows.
    expect(await list(firm, `Id,${said}`, `77,"Kappa, Quinn Avery Jr",${facts}`)).toEqual(REFUSED);
    expect((await post(firm, { ...form, sourceId: "another" }, "vendor.feed"))?.outcome).toBe("suppressed");
    // Seen red without: the suffix in variants.
    expect(await list(firm, said, `"Kappa, Quinn Avery",${facts}`)).toEqual(REFUSED);
    // Seen red without: single cause numbers in variants.
    expect(await list(firm, `${said},Cause number`, `"Kappa, Quinn Avery Jr",${facts},C-1`)).toEqual(REFUSED);
  });

  it("keeps nobody else away: not a namesake, and not another arrest of the same person", async () => {
    const firm = await makeFirm();
    const form = formOf("Lambda");
    await erasePerson(asked(firm), (await post(firm, form))?.leadId ?? "");
    const others = [
      formOf("Lambda", { dateOfBirth: "1971-05-06" }),
      formOf("Lambda", { arrestedAt: "2026-11-21T16:00:00Z" }),
    ];
    for (const other of others) expect((await post(firm, other))?.outcome).toBe("created");
    const { arrestedAt: _day, ...rest } = formOf("Lambda");
    // Seen red without: isOfAnArrest. A county that shows no day and no case may show the next arrest.
    const bare = { ...rest, charges: [{ offense: "DWI" }] };
    const report = await ingestLeads(firm.asKey(), { source: "topics.travis", leads: [bare] });
    expect(report.results[0]?.outcome).toBe("created");
  });
});

describe("an erasure", () => {
  it("shows beforehand what goes along: also who has no birth date there, but not another case of the same day", async () => {
    const firm = await makeFirm();
    const form = formOf("Nu");
    const { dateOfBirth: _born, ...bare } = form;
    const leadId = (await post(firm, form))?.leadId ?? "";
    const said = async (of: object, source: string) =>
      (await ingestLeads(firm.asKey(), { source, leads: [{ ...bare, ...of }] })).results[0]?.leadId;
    const along = await said({ charges: [{ offense: "DWI" }] }, "vendor.feed");
    const stays = await said({ charges: [{ offense: "DWI", causeNumber: "C-9" }] }, "other.feed");
    const out: string[] = [];
    const how = ["person", "erase", firm.slug, leadId, "--because", "request"];
    const type = (...more: string[]) => runArrestra([...how, ...more], (line) => out.push(line), console.error);
    expect(await type()).toBe(1);
    // Seen red without: alikeLeads in the command.
    expect(out.join("\n")).toContain(`1 lead of ${firm.slug}, and 1 that says the same would go`);
    expect(out.filter((line) => line.startsWith("the same: "))).toEqual([
      `the same: ${firm.slug}  ${along}  arrested 2026-11-20  from vendor.feed`,
    ]);
    expect(await type("--yes")).toBe(0);
    expect(await leadsOf(firm)).toEqual([stays]);
  });

  it("takes the same record from the firm's lists and other sources too, with or without an id, at every firm", async () => {
    const [firm, other] = [await makeFirm(), await makeFirm()];
    const form = formOf("Mu");
    const leadId = (await post(firm, form))?.leadId ?? "";
    const row = `"Mu, Quinn Avery",1990-02-03,2026-11-20,Travis,DWI`;
    await list(firm, "Name,DOB,Arrested,County,Charge", row);
    await list(other, "Id,Name,DOB,Arrested,County,Charge", `5,${row}`);
    await post(other, { ...form, sourceId: "another" }, "vendor.feed");
    const namesake = (await post(firm, formOf("Mu", { dateOfBirth: "1971-05-06" })))?.leadId;
    expect([(await leadsOf(firm)).length, (await leadsOf(other)).length]).toEqual([3, 2]);
    const done = await eraseEverywhere(asked(firm), leadId, [asked(firm).firm, asked(other).firm]);
    // Seen red without: eraseRefused in eraseWithAlike; likenessDigest in refusedLeads.
    expect([await leadsOf(firm), await leadsOf(other)]).toEqual([[namesake], []]);
    expect(done.at(-1)?.certificate.leadId).toBe(leadId);
    expect(done.filter(({ certificate }) => certificate.leadId !== null)).toHaveLength(4);
  });

  it("waits at every firm for the batch that looked before it, and takes what that brings", async () => {
    const [firm, other] = [await makeFirm(), await makeFirm()];
    const form = formOf("Omicron");
    const leadId = (await post(firm, form))?.leadId ?? "";
    await post(other, formOf("Somebody"));
    const [looked, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const batch = inTenant(other.asKey(), async (tx) => {
      await ingestLeads({ ...other.asKey(), tx }, { source: "topics.travis", leads: [form] });
      looked.resolve();
      await mayEnd.promise;
    });
    await looked.promise;
    const watcher = new pg.Client({ connectionString: adminUrl });
    await watcher.connect();
    let isDone = false;
    const erasing = eraseEverywhere(asked(firm), leadId, [asked(firm).firm, asked(other).firm]).finally(() => {
      isDone = true;
    });
    const sql = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await vi.waitFor(async () => expect(isDone || (await watcher.query(sql)).rowCount).toBeTruthy(), 4000);
    mayEnd.resolve();
    await Promise.all([batch, erasing, watcher.end()]);
    // Seen red without: lockSources in tell; the second look of eraseAt.
    expect(await leadsOf(other)).toHaveLength(1);
  });
});

describe("the connection of an erasure", () => {
  it("outlives the server's limit for idle transactions while a long list is read", async () => {
    const firm = await makeFirm();
    const leadId = (await post(firm, formOf("Nuance")))?.leadId ?? "";
    await filesOf().putOnce(`imports/${firm.id}/${newId()}.csv`, Buffer.from("Name\n"));
    const watcher = new pg.Client({ connectionString: adminUrl });
    await watcher.connect();
    const searched = await withClient(ownerUrl, async (client) => {
      await bind(client, firm);
      const { pid } = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0] as { pid: number };
      const longIdle = async () => {
        const sql =
          "SELECT FROM pg_stat_activity WHERE pid = $1 AND state_change > clock_timestamp() - interval '200 ms'";
        await vi.waitFor(async () => expect((await watcher.query(sql, [pid])).rowCount).toBe(0), 5000);
      };
      const files = filesOf();
      const slow = {
        ...files,
        list: (key: string) => files.list(key),
        open: (key: string) => longIdle().then(() => files.open(key)),
      };
      await client.query("BEGIN");
      const trace = await readTrace(client, firm.id, leadId);
      await client.query("SET LOCAL idle_in_transaction_session_timeout = 100");
      // Seen red without: SET LOCAL idle_in_transaction_session_timeout in searchRows.
      const found = trace && (await searchRows({ client, tenantId: firm.id, trace, files: slow }));
      await client.query("ROLLBACK");
      return found;
    });
    await watcher.end();
    expect(searched?.files).toEqual([]);
  });

  it("that the server ends is an error that says why, and ends no process", async () => {
    const watcher = new pg.Client({ connectionString: adminUrl });
    await watcher.connect();
    const work = withClient(ownerUrl, async (client) => {
      const { pid } = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0] as { pid: number };
      const ended = new Promise((done) => client.once("end", done));
      await watcher.query("SELECT pg_terminate_backend($1)", [pid]);
      await ended;
      await client.query("SELECT 1");
    });
    // Seen red without: the listener in withClient, and what it kept.
    await expect(work).rejects.toThrow("terminating connection due to administrator command");
    await watcher.end();
  });
});
