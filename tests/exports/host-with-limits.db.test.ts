import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as exportAuditRoute } from "@/app/api/audit/export/route";
import { GET as fileRoute } from "@/app/api/exports/[id]/file/route";
import { GET as exportRoute } from "@/app/api/leads/export/route";
import { systemClock } from "@/lib/core/clock";
import { rowsAtOnce } from "@/lib/domain/export/direct-limit";
import { removeExport } from "@/lib/domain/reports/exports/remove-export";
import { purgeExports } from "@/lib/domain/reports/exports/sweep-exports";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import { call, hostOf, makeFirmWithPassword, signInTo } from "../http/call";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";
import { startS3 } from "../setup/s3-stand-in";
import { ask, prepare } from "./house";

// A host as Amplify is: files in a bucket, and a limit on replies. Set before anything reads the settings.
const s3 = await startS3("arrestra-files");
Object.assign(process.env, { FILES_BUCKET: "arrestra-files", REPLY_LIMIT_BYTES: "150000" });

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
});
afterAll(async () => {
  await closeDatabase();
  await s3.stop();
});

const fill = (count: number) => fillWithLeads(ownDatabase.adminUrl, firm.id, count);
const asKey = () => ({ headers: { authorization: `Bearer ${firm.key.text}` } });
const typesOf = async () => (await eventsOf(firm)).map(({ type }) => type).filter((type) => type.includes("export"));

describe("a direct download where replies have a limit", () => {
  // Seen red without: requireFit.
  it("is refused before its first byte, and before anything is recorded, when it may not fit", async () => {
    await fill(rowsAtOnce("leads"));
    const fits = await call(exportRoute, "/api/leads/export", asKey());
    expect(fits.status).toBe(200);
    expect(fits.text.trim().split("\r\n")).toHaveLength(rowsAtOnce("leads") + 1);
    await asOwner(firm.id, (client) =>
      client.query(
        `INSERT INTO lead SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'source_id', 'one-more'))).* FROM lead l LIMIT 1`,
      ),
    );
    const before = await typesOf();
    const refused = await call(exportRoute, "/api/leads/export", asKey());
    expect(refused.status).toBe(422);
    expect(refused.json()).toMatchObject({
      code: "export_too_large",
      detail: expect.stringContaining("POST /api/exports"),
    });
    expect(await typesOf()).toEqual(before);
  });

  // Seen red without: heldWithinReply.
  it("is refused whole when its few rows are greater than rows ever are", async () => {
    await fill(50);
    await asOwner(firm.id, (client) => client.query("UPDATE lead SET magistrate = repeat('x', 4000)"));
    const refused = await call(exportRoute, "/api/leads/export", asKey());
    expect(refused.status).toBe(422);
    expect(refused.json()).toMatchObject({ code: "export_too_large" });
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "lead.export_finished", data: { complete: false } });
  });

  it("is refused for the audit trail in the same words", async () => {
    const sign = { host: hostOf(firm), headers: { cookie: await signInTo(firm) } };
    expect((await call(exportAuditRoute, "/api/audit/export", sign)).status).toBe(200);
    await asOwner(firm.id, (client) =>
      client.query(
        `INSERT INTO event (tenant_id, id, type, actor_type, actor_id, request_id, data, occurred_at)
         SELECT $1, gen_random_uuid(), 'lead.viewed', 'user', 'x', 'r', '{}', now() FROM generate_series(1, $2::int)`,
        [firm.id, rowsAtOnce("audit") + 1],
      ),
    );
    const refused = await call(exportAuditRoute, "/api/audit/export", sign);
    expect(refused.json()).toMatchObject({ status: 422, code: "export_too_large" });
  });
});

describe("a prepared export in a bucket", () => {
  it("is written there, and fetched by a link of the bucket that ends", async () => {
    await fill(400);
    const owner = firm.asUser();
    const { id } = await ask(owner);
    await prepare(firm, systemClock, id);
    const sign = { host: hostOf(firm), headers: { cookie: await signInTo(firm) } };
    const reply = await call(fileRoute, `/api/exports/${id}/file`, { ...sign, ids: { id } });
    expect(reply.status).toBe(303);
    expect(reply.text).toBe("");
    expect(reply.headers.get("cache-control")).toContain("no-store");
    const link = new URL(reply.headers.get("location") ?? "");
    expect(link.origin).toBe(s3.url);
    expect(link.pathname).toMatch(new RegExp(`^/arrestra-files/exports/${firm.id}/${id}-[0-9a-f-]{36}\\.csv$`));
    expect(link.searchParams.get("X-Amz-Expires")).toBe("60");
    const file = await fetch(link);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="arrestra-leads-[\d-]+\.csv"$/);
    expect((await file.text()).trim().split("\r\n")).toHaveLength(401);
    expect((await typesOf()).at(-1)).toBe("export.fetched");
    await removeExport(owner, id);
    expect(await filesOf().list(`exports/${firm.id}/`)).toEqual([]);
    expect((await fetch(link)).status).toBe(404);
    expect(await purgeExports(jobCtx(firm.id, "purge-expired"))).toBe(0);
  });
});
