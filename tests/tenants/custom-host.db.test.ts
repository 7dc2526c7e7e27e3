import { afterAll, beforeEach, expect, it } from "vitest";
import { GET as listLeadsRoute } from "@/app/api/leads/route";
import { startSandbox } from "@/sandbox/server";
import { freshCode } from "../setup/factor";
import type { TestFirm } from "../setup/firms";

// env() is read once per file, so the name server must be there before anything asks for it.
const sandbox = await startSandbox({ env: "test" });
process.env.DNS_SERVERS = sandbox.dns.address;
const { closeDatabase } = await import("@/lib/platform/db");
const { forgetFirm } = await import("@/lib/http/firm-gate");
const { addDomain, removeDomain } = await import("@/lib/domain/tenants/domains");
const { verifyDomain } = await import("@/lib/domain/tenants/verify-domain");
const { call, cookieOf, hostOf, makeFirmWithPassword, PASSWORD, postSignIn } = await import("../http/call");
afterAll(async () => {
  await closeDatabase();
  await sandbox.close();
});

let firm: TestFirm;
let name: string;
let host: string;
let domainId: string;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
  name = `leads.${firm.slug}.example`;
  host = `${name}:3000`;
  const added = await addDomain(firm.asUser(), { host: name });
  domainId = added.id ?? "";
  sandbox.dns.zone.set(added.record?.name ?? "", [added.record?.value ?? ""]);
  await verifyDomain(firm.asUser(), domainId);
  forgetFirm(firm.id);
});

const signInThere = async () => {
  const headers = { origin: `http://${host}` };
  const form = { email: firm.user.email, password: PASSWORD, code: await freshCode(firm.id, firm.user) };
  return postSignIn(firm, form, { host, headers });
};
const list = (at: string, cookie: string) => call(listLeadsRoute, "/api/leads", { host: at, headers: { cookie } });

it("signs a person in on the firm's own domain, with a cookie for that host alone", async () => {
  const reply = await signInThere();
  expect(reply.headers.get("location")).toMatch(new RegExp(`^http://${host}/leads`));
  const line = reply.headers.getSetCookie().find((each) => each.startsWith("arrestra.session=")) ?? "";
  expect(line).not.toMatch(/Domain=/i);
  expect((await list(host, cookieOf(reply, "arrestra.session"))).status).toBe(200);
});

it("takes a post from a page of the firm's own domain there, and from no other page", async () => {
  const from = async (origin: string) =>
    (await postSignIn(firm, { email: firm.user.email, password: "x" }, { host, headers: { origin } })).status;
  expect(await from(`http://${host}`)).toBe(303);
  expect(await from(`http://${hostOf(firm)}`)).toBe(403);
  expect(await from("http://localhost:3000")).toBe(403);
});

it("lets the session go nowhere once the domain is removed", async () => {
  const cookie = cookieOf(await signInThere(), "arrestra.session");
  await removeDomain(firm.asUser(), domainId);
  forgetFirm(firm.id);
  expect((await list(host, cookie)).status).toBe(404);
});

it("does not open with the cookie of another firm's domain", async () => {
  const cookie = cookieOf(await signInThere(), "arrestra.session");
  const other = await makeFirmWithPassword();
  expect((await list(hostOf(other), cookie)).status).toBe(401);
});
