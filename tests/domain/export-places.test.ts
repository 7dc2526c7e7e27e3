import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as exportRoute } from "@/app/api/leads/export/route";
import { LeadFilter } from "@/lib/contracts/leads";
import { exportLeads } from "@/lib/domain/export/export-leads";
import { closeDatabase } from "@/lib/platform/db";
import { AT_ONCE_LIMITS } from "@/lib/platform/rate-table";
import { call, type Route } from "../http/call";
import { eventsOf, makeFirm, type TestFirm } from "../setup/firms";

const { atOnce } = AT_ONCE_LIMITS["lead-export.firm"];
let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const start = (of = firm) => exportLeads(of.asUser(), LeadFilter.parse({}));
const begin = async (count: number) => Promise.all(Array.from({ length: count }, () => start()));

describe("exports at the same time", () => {
  // Seen red without takePlace.
  it("are so many per firm and no more; another firm has its own places", async () => {
    const running = await begin(atOnce);
    await expect(start()).rejects.toMatchObject({ code: "rate_limited", retryAfterSeconds: 10 });
    const reply = await call(exportRoute as Route, "/api/leads/export", {
      headers: { authorization: `Bearer ${firm.key.text}` },
    });
    expect(reply.status).toBe(429);
    expect(reply.headers.get("retry-after")).toBe("10");
    const other = await makeFirm();
    await (await start(other)).stream.cancel();
    for (const { stream } of running) await stream.cancel();
  });

  it("give their place back when they are read to the end, and when their reader leaves", async () => {
    const [left, read, ...others] = await begin(atOnce);
    await left?.stream.cancel();
    expect(await new Response(read?.stream).text()).toContain("\r\n");
    const again = await begin(2);
    await expect(start()).rejects.toMatchObject({ code: "rate_limited" });
    for (const { stream } of [...again, ...others]) await stream.cancel();
  });

  it("leave behind of a refused one that it was asked for and that nothing was taken away", async () => {
    const running = await begin(atOnce);
    await start().catch(() => undefined);
    const finished = (await eventsOf(firm)).filter(({ type }) => type === "lead.export_finished");
    expect(finished.map(({ data }) => data)).toMatchObject([{ rows: 0, complete: false }]);
    for (const { stream } of running) await stream.cancel();
  });
});
