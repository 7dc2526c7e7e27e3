import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { POST as operatorSession } from "@/app/(apex)/operator/session/route";
import { AuditFilter } from "@/lib/contracts/audit";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { createApiKey } from "@/lib/domain/auth/create-api-key";
import { rotateApiKey } from "@/lib/domain/auth/rotate-api-key";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import { beginEvidence } from "@/lib/domain/leads/evidence/begin-evidence";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { exportAudit } from "@/lib/domain/reports/audit/export-audit";
import { addDomain } from "@/lib/domain/tenants/domains";
import { verifyDomain } from "@/lib/domain/tenants/verify-domain";
import { proveService } from "@/lib/http/prove-service";
import { closeDatabase } from "@/lib/platform/db";
import { signServiceToken } from "@/lib/platform/jwt";
import { RATE_LIMITS } from "@/lib/platform/rate-table";
import { codeUnder } from "../architecture/tree";
import { call, type Route } from "../http/call";
import { makeFirm, type TestFirm } from "../setup/firms";
import { asTableOwner } from "./store";

type Limit = keyof typeof RATE_LIMITS;
let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
  await asTableOwner("DELETE FROM rate_limit");
});
afterAll(closeDatabase);

/** What as many requests as the limit lets through would have left behind. */
const useUp = (name: Limit, subject: string) =>
  asTableOwner("INSERT INTO rate_limit (key, points, expire) VALUES ($1, $2, $3)", [
    `${name}:${sha256(subject)}`,
    RATE_LIMITS[name].points,
    Date.now() + 60_000,
  ]);

async function leadOf(of: TestFirm): Promise<string> {
  const lead = { sourceId: newId(), name: { full: "FICTUS, ADA" }, county: "Hays", charges: [] };
  return (await ingestLeads(of.asKey(), { source: "api", leads: [lead] })).results[0]?.leadId ?? "";
}

const ofFirm: [Limit, string, (of: TestFirm) => Promise<unknown>][] = [
  [
    "invitation.firm",
    "inviting",
    (of) =>
      inviteUser(of.asUser(), {
        email: "new@person.example",
        name: "New",
        role: "viewer",
        scope: { counties: [], classes: [] },
      }),
  ],
  ["invitation.firm", "links for a new password", (of) => makePasswordLink(of.asUser(), of.user.id)],
  ["invitation.firm", "resetting a factor", (of) => resetFactor(of.asUser(), of.user.id)],
  [
    "key-change.firm",
    "making keys",
    (of) => createApiKey(of.asUser(), { name: "x", scopes: ["leads:read"], expiresInDays: 1 }),
  ],
  ["key-change.firm", "rotating keys", (of) => rotateApiKey(of.asUser(), of.key.id, { overlapHours: 0 })],
  ["domain-check.firm", "adding domains", (of) => addDomain(of.asUser(), { host: `${newId()}.example` })],
  ["domain-check.firm", "checking domains", (of) => verifyDomain(of.asUser(), newId())],
  [
    "evidence-megabytes.firm",
    "files to keep with a lead",
    async (of) => beginEvidence(of.asUser(), await leadOf(of), { filename: "bond.pdf", bytes: 2_000_001 }),
  ],
  ["audit-export.firm", "exports of the audit trail", (of) => exportAudit(of.asUser(), AuditFilter.parse({}))],
];

describe("a used-up limit", () => {
  // Each seen red without its requireRate.
  it.each(ofFirm)("%s refuses %s, and in that firm alone", async (name, _what, ask) => {
    const other = await makeFirm();
    await useUp(name, firm.id);
    await expect(ask(firm)).rejects.toMatchObject({ code: "rate_limited", limit: { name } });
    const outcome = await ask(other).catch((error: unknown) => error);
    expect(outcome).not.toMatchObject({ code: "rate_limited" });
  });

  it("refuses a service of ours that calls without an end", async () => {
    await useUp("service.issuer", "scheduler");
    const token = await signServiceToken({ issuer: "scheduler", audience: "arrestra-web" });
    const request = new Request("http://localhost:3000/api/internal/schedules", {
      method: "POST",
      headers: { host: "localhost:3000", authorization: `Bearer ${token}` },
    });
    const expected = { audience: "arrestra-web", issuers: ["scheduler"] } as const;
    await expect(proveService(request, newId(), expected)).rejects.toMatchObject({
      code: "rate_limited",
      limit: { name: "service.issuer" },
    });
  });

  it("refuses tries at the operator's page", async () => {
    await useUp("operator.address", "192.0.2.7");
    const reply = await call(operatorSession as Route, "/operator/session", {
      headers: {
        origin: "http://localhost:3000",
        "x-forwarded-for": "192.0.2.7",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "token=guess",
    });
    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

it("is asked for somewhere: a limit that no code takes a point of promises what nobody keeps", () => {
  const code = codeUnder("lib").filter(({ path }) => path !== "lib/platform/rate-table.ts");
  const unused = Object.keys(RATE_LIMITS).filter((name) => !code.some(({ text }) => text.includes(`"${name}"`)));
  expect(unused).toEqual([]);
});
