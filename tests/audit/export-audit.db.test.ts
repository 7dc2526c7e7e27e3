import Papa from "papaparse";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { Ctx } from "@/lib/domain/context/ctx";
import { AUDIT_COLUMNS } from "@/lib/domain/reports/audit/audit-csv";
import { exportAudit, sizeOfAuditExport } from "@/lib/domain/reports/audit/export-audit";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { fillWithEvents, record, sealUntil, tamper } from "./chain";

const clock = fixedClock("2026-11-20T18:00:00Z");
let firm: TestFirm;
const download = async (filter: Parameters<typeof exportAudit>[1] = {}, ctx = firm.asUser(clock)) => {
  const { stream } = await exportAudit(ctx, filter);
  return new Response(stream).text();
};
const read = (csv: string) => Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
const stale = (ctx: Ctx): Ctx => ({
  ...ctx,
  actor: { ...ctx.actor, factorAt: new Date(clock.now().getTime() - 11 * 60_000) } as Ctx["actor"],
});
const exports = async () =>
  (await eventsOf(firm))
    .filter(({ type }) => type.startsWith("audit.export"))
    .map(({ type, data }) => ({ type, data }));

beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

describe("the CSV of the audit trail", () => {
  it("is RFC 4180 text with CRLF, a header and every event of the filter, newest first, with its seal", async () => {
    await record(firm, 3, fixedClock("2026-11-20T12:00:00Z"));
    const chain = await sealUntil(firm, 3, fixedClock("2026-11-20T12:00:02Z"));
    const csv = await download({ group: "lead" });
    expect(csv.split("\r\n")[0]).toBe(AUDIT_COLUMNS.join(","));
    expect(csv.endsWith("\r\n")).toBe(true);
    expect(csv.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const { data, errors } = read(csv);
    expect(errors).toEqual([]);
    expect(data.map(({ sequence, hash, event_id }) => ({ sequence: Number(sequence), hash, event_id }))).toEqual(
      chain.map(({ sequence, hash, event_id }) => ({ sequence, hash, event_id })).reverse(),
    );
    expect(data[0]).toMatchObject({
      occurred_at: "2026-11-20T12:00:00.000Z",
      sealed_at: "2026-11-20T12:00:02.000Z",
      type: "lead.rescored",
      actor_type: "service",
      actor: "test",
      data: JSON.stringify({ to: 3, band: "warm", from: 2 }),
    });
  });

  // Seen red without: escapeFormulae
  it("neutralises what a spreadsheet would run", async () => {
    await asOwner(firm.id, (client) =>
      client.query("UPDATE app_user SET name = '=HYPERLINK(\"http://x\")' WHERE id = $1", [firm.user.id]),
    );
    await record(firm, 1);
    await tamper("UPDATE event SET request_id = '@SUM(A1)', actor_type = 'user', actor_id = $2 WHERE tenant_id = $1", [
      firm.id,
      firm.user.id,
    ]);
    const [row] = read(await download({ group: "lead" })).data;
    expect(row).toMatchObject({ actor: '\'=HYPERLINK("http://x")', request_id: "'@SUM(A1)" });
  });

  it("is recorded before its first byte, and with its rows after the last", async () => {
    await record(firm, 5);
    const { stream } = await exportAudit(firm.asUser(clock), { group: "lead" });
    const [began] = await exports();
    expect(began).toEqual({
      type: "audit.exported",
      data: { exportId: expect.any(String), filter: { group: "lead" } },
    });
    await new Response(stream).text();
    const [, ended] = await exports();
    expect(ended).toEqual({
      type: "audit.export_finished",
      data: { exportId: began?.data.exportId, rows: 5, complete: true },
    });
  });

  it("says that it broke off when its reader leaves, and holds no connection meanwhile", async () => {
    await fillWithEvents(ownDatabase.adminUrl, firm.id, 5000);
    const { stream } = await exportAudit(firm.asUser(clock), {});
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    const { rows } = await asOwner(firm.id, (client) =>
      client.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()",
      ),
    );
    expect(rows[0].n).toBe(0);
    await reader.cancel();
    expect((await exports()).at(-1)?.data).toMatchObject({ complete: false });
    expect((await exports()).filter(({ type }) => type === "audit.export_finished")).toHaveLength(1);
  });

  // Seen red without: requireFactorForMany
  it("of more than a thousand events asks for the second factor again, and records nothing until then", async () => {
    await fillWithEvents(ownDatabase.adminUrl, firm.id, 1001);
    expect(await sizeOfAuditExport(firm.asUser(clock), {})).toBe("large");
    expect(await sizeOfAuditExport(firm.asUser(clock), { type: "lead.viewed" })).toBe("small");
    await expect(exportAudit(stale(firm.asUser(clock)), {})).rejects.toMatchObject({ code: "mfa_required" });
    expect(await exports()).toEqual([]);
    expect(read(await download({ type: "lead.viewed" }, stale(firm.asUser(clock)))).data.length).toBeGreaterThan(300);
    // Both exports are events themselves, and so is the end of the first.
    expect(read(await download({ to: "2026-11-20" })).data).toHaveLength(1001 + 3);
  });

  it("is refused to a viewer and to a key, and holds nothing of another firm", async () => {
    await record(firm, 2);
    const viewer = await makeFirm({ role: "viewer" });
    await expect(exportAudit(viewer.asUser(clock), {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(exportAudit(firm.asKey(), {})).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeFirm();
    expect(read(await download({}, other.asUser(clock))).data.map(({ type }) => type)).toEqual(["audit.exported"]);
    expect(read(await download({ lead: newId() }, other.asUser(clock))).data).toEqual([]);
  });
});
