import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LeadFilter } from "@/lib/contracts/leads";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { countEach } from "@/lib/domain/leads/count-each";
import { listCounties } from "@/lib/domain/leads/list-counties";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";

const LEADS = 20_000;
let firm: TestFirm;
let small: TestFirm;
let empty: TestFirm;

beforeAll(async () => {
  [firm, small, empty] = await Promise.all([makeFirm(), makeFirm(), makeFirm()]);
  await fillWithLeads(ownDatabase.adminUrl, firm.id, LEADS);
  await fillWithLeads(ownDatabase.adminUrl, small.id, 8);
});
afterAll(closeDatabase);

/** How many blocks of the lead table and its indexes one call touches, as the app role. */
async function blocksOf(
  of: TestFirm,
  verb: (ctx: ReturnType<TestFirm["asUser"]>) => Promise<unknown>,
): Promise<number> {
  return inTenant(of.asUser(), async (tx) => {
    const touched = async () => {
      const [row] = await tx.$queryRaw<{ blocks: number }[]>`
        SELECT (pg_stat_get_xact_blocks_fetched('lead'::regclass)
          + (SELECT sum(pg_stat_get_xact_blocks_fetched(indexrelid)) FROM pg_index WHERE indrelid = 'lead'::regclass))::int AS blocks`;
      return row?.blocks ?? 0;
    };
    const before = await touched();
    await verb({ ...of.asUser(), tx });
    return (await touched()) - before;
  });
}

describe("listCounties", () => {
  it("names every county that the firm has leads in, also the rarest, and no other firm's", async () => {
    expect(await listCounties(firm.asUser())).toEqual(["Hays", "Loving", "Travis", "Williamson"]);
    expect(await listCounties(small.asUser())).toEqual(["Hays", "Travis"]);
    expect(await listCounties(empty.asUser())).toEqual([]);
  });

  it("costs a look per county, not per lead", async () => {
    expect(await blocksOf(firm, listCounties)).toBeLessThan(60);
  });

  it("is for those who may read leads", async () => {
    await expect(listCounties(firm.asKey(["leads:ingest"]))).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("countEach", () => {
  const filters = [{}, { status: ["consultation"] }, { county: ["Loving"], band: ["hot"] }, { q: "zymurgy" }].map(
    (filter) => LeadFilter.parse(filter),
  );

  it("counts each filter by itself, in order, and says where it stopped", async () => {
    const [all, rare, loving, word] = await countEach(firm.asUser(), filters);
    expect(all).toEqual({ total: 1000, capped: true });
    expect(rare).toEqual({ total: 10, capped: false });
    expect(loving?.total).toBeGreaterThan(0);
    expect(loving?.total).toBeLessThan(20);
    expect(word).toEqual({ total: 2, capped: false });
    expect((await countEach(small.asUser(), filters)).map(({ total }) => total)).toEqual([8, 0, 0, 0]);
    expect((await countEach(empty.asUser(), filters)).map(({ total }) => total)).toEqual([0, 0, 0, 0]);
  });

  it("says that there are more only when there are", async () => {
    const exact = await makeFirm();
    await fillWithLeads(ownDatabase.adminUrl, exact.id, 1000);
    expect(await countEach(exact.asUser(), [LeadFilter.parse({})])).toEqual([{ total: 1000, capped: false }]);
  });

  it("tells a key that only a person has a last visit", async () => {
    const since = LeadFilter.parse({ newSinceMyLastVisit: true });
    await expect(countEach(firm.asKey(), [since])).rejects.toMatchObject({ code: "unprocessable" });
  });
});
