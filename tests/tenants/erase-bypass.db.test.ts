import { mkdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { type Erasure, erasePerson } from "../../scripts/person/erase-person";
import { countsOf, imported } from "../leads/import-world";
import { makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";

const { ownerUrl } = ownDatabase;
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
const REFUSED = { created: 0, suppressed: 1 };

describe("a record that was destroyed", () => {
  it("stays away whatever id a list or another source gives it, and whatever of it a list leaves out", async () => {
    const firm = await makeFirm();
    const form = formOf("Kappa", { suffix: "Jr" });
    await erasePerson(asked(firm), (await post(firm, form))?.leadId ?? "");
    const facts = "1990-02-03,2026-11-20,Travis,DWI";
    const said = "Name,DOB,Arrested,County,Charge";
    expect(await list(firm, said, `"Kappa, Quinn Avery Jr",${facts}`)).toEqual(REFUSED);
    // Seen red without: the likeness in check-import.ts and ingest-leads.ts (findSuppressedRows).
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
