import { afterAll, beforeEach, expect, it } from "vitest";
import { DELETE as removeContactRoute } from "@/app/api/leads/[id]/contacts/[contactId]/route";
import { GET as leadRoute } from "@/app/api/leads/[id]/route";
import { GET as exportRoute } from "@/app/api/leads/export/route";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { GET as listRoute } from "@/app/api/leads/route";
import { POST as statusRoute } from "@/app/api/leads/status/route";
import { newId } from "@/lib/core/ids";
import { mintApiKey } from "@/lib/core/secret";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { call, hostOf, makeFirmWithPassword, originOfFirm, signInTo } from "./call";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirmWithPassword();
});
afterAll(closeDatabase);

const list = (headers: Record<string, string>, host?: string, query = "") =>
  call(listRoute, `/api/leads${query}`, { host, headers });

it("takes a key as bearer or X-API-Key, or the same one as both", async () => {
  const key = firm.key.text;
  expect((await list({ authorization: `Bearer ${key}` })).status).toBe(200);
  expect((await list({ authorization: `bearer ${key}` })).status).toBe(200);
  expect((await list({ "x-api-key": key })).status).toBe(200);
  expect((await list({ authorization: `Bearer ${key}`, "x-api-key": key })).status).toBe(200);
});

it("refuses two different credentials in one request", async () => {
  const other = (await makeFirm()).key.text;
  expect((await list({ authorization: `Bearer ${firm.key.text}`, "x-api-key": other })).status).toBe(400);
  expect((await list({ authorization: "Basic YTpi", "x-api-key": firm.key.text })).status).toBe(400);
});

it.each(["", "Bearer", "Basic YTpi", "Bearer a b", "Token x"])(
  "refuses the authorization %j",
  async (authorization) => {
    expect((await list({ authorization })).status).toBe(401);
  },
);

it("refuses a key in the address, even beside a good one", async () => {
  for (const query of [`?api_key=x`, `?q=${firm.key.text}`, `?Access_Token=x`, `?foo=${mintApiKey().text}`]) {
    expect((await list({ authorization: `Bearer ${firm.key.text}` }, undefined, query)).status).toBe(400);
  }
});

it("ignores the cookie beside a key", async () => {
  const other = await makeFirmWithPassword();
  const cookie = await signInTo(other);
  const reply = await list({ authorization: `Bearer ${firm.key.text}`, cookie }, hostOf(firm));
  expect(reply.status).toBe(200);
  // A bad key is not rescued by a good session either.
  expect((await list({ authorization: `Bearer ${mintApiKey().text}`, cookie }, hostOf(other))).status).toBe(401);
});

it("asks the database nothing about a key whose checksum is wrong", async () => {
  await asOwner(firm.id, (client) => client.query("ALTER TABLE api_key RENAME TO api_key_away"));
  try {
    const last = firm.key.text.at(-1) === "0" ? "1" : "0";
    expect((await list({ "x-api-key": firm.key.text.slice(0, -1) + last })).status).toBe(401);
    expect((await list({ "x-api-key": firm.key.text })).status).toBe(500);
  } finally {
    await asOwner(firm.id, (client) => client.query("ALTER TABLE api_key_away RENAME TO api_key"));
  }
});

it("refuses the right key id with another secret", async () => {
  const forged = mintApiKey();
  await asOwner(firm.id, (client) => client.query("UPDATE api_key SET kid = $1", [forged.kid]));
  expect((await list({ "x-api-key": forged.text })).status).toBe(401);
});

it("refuses a key from the request after its revocation", async () => {
  expect((await list({ "x-api-key": firm.key.text })).status).toBe(200);
  await asOwner(firm.id, (client) => client.query("UPDATE api_key SET revoked_at = now()"));
  expect((await list({ "x-api-key": firm.key.text })).status).toBe(401);
});

it("notes the use of a key at most once a minute", async () => {
  const lastUsed = async () =>
    (await asOwner(firm.id, (client) => client.query("SELECT last_used_at FROM api_key"))).rows[0].last_used_at;
  expect(await lastUsed()).toBeNull();
  await list({ "x-api-key": firm.key.text });
  const first = await lastUsed();
  expect(first).not.toBeNull();
  await list({ "x-api-key": firm.key.text });
  expect(await lastUsed()).toEqual(first);
});

it("takes a key on a verified domain of its firm, and on no other domain", async () => {
  const add = (host: string, verified: string, of = firm) =>
    asOwner(of.id, (client) =>
      client.query(
        `INSERT INTO domain (tenant_id, id, host, token, verified_at) VALUES ($1, $2, $3, 'a-token', ${verified})`,
        [of.id, newId(), host],
      ),
    );
  const other = await makeFirm();
  const [own, unproven, foreign] = [`a${firm.slug}.example`, `b${firm.slug}.example`, `c${firm.slug}.example`];
  await add(own, "now()");
  await add(unproven, "NULL");
  await add(foreign, "now()", other);
  const status = async (host: string) => (await list({ "x-api-key": firm.key.text }, host)).status;
  expect([
    await status(own),
    await status(`${own.toUpperCase()}.:3000`),
    await status(unproven),
    await status(foreign),
  ]).toEqual([200, 200, 404, 401]);
});

it.each([
  "nobody.localhost:3000",
  "www.localhost:3000",
  "127.0.0.1:3000",
  "evil.example",
  "a.b.localhost:3000",
  "[::1]:3000",
])("says not found, and nothing more, on the host %s", async (host) => {
  const reply = await list({ "x-api-key": firm.key.text }, host);
  expect(reply.status).toBe(404);
  expect(reply.json()).toMatchObject({ code: "not_found", detail: "There is nothing here." });
});

it("treats a suspended firm's host like one that never was", async () => {
  const shut = await makeFirm();
  await asOwner(shut.id, (client) => client.query("UPDATE tenant SET status = 'suspended' WHERE id = $1", [shut.id]));
  const [suspended, unknown] = [await list({}, hostOf(shut)), await list({}, "nobody.localhost:3000")];
  const bare = (text: string) => text.replace(/"requestId":"[^"]+"/, "");
  expect(suspended.status).toBe(404);
  expect(bare(suspended.text)).toBe(bare(unknown.text));
});

it("believes no header but Host about where a request came in", async () => {
  const other = await makeFirmWithPassword();
  const forged = {
    "x-forwarded-host": hostOf(other),
    "x-tenant-id": other.id,
    "x-tenant-slug": other.slug,
    forwarded: `host=${hostOf(other)}`,
    "x-original-host": hostOf(other),
  };
  const cookie = await signInTo(firm);
  expect((await list({ cookie, ...forged }, hostOf(firm))).status).toBe(200);
  expect((await list({ cookie: await signInTo(other), ...forged }, hostOf(firm))).status).toBe(401);
});

it("needs the firm's own origin and JSON for a change by session", async () => {
  const cookie = await signInTo(firm);
  const body = { leadId: newId(), to: "reviewed" };
  const change = (headers: Record<string, string>) =>
    call(statusRoute, "/api/leads/status", { host: hostOf(firm), headers: { cookie, ...headers }, body });
  expect((await change({ origin: originOfFirm(firm) })).status).toBe(404);
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost:3000",
    "http://x.localhost:3000",
    `https://${hostOf(firm)}`,
  ]) {
    expect((await change({ origin })).status).toBe(403);
  }
  // No browser leaves Origin out of a change, so what has no word of a page is a program with a cookie of its own.
  expect((await change({})).status).toBe(404);
  expect((await change({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await change({ referer: "http://evil.example/" })).status).toBe(403);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]) {
    expect((await change({ origin: originOfFirm(firm), "content-type": type })).status).toBe(400);
  }
  const remove = (headers: Record<string, string>) =>
    call(removeContactRoute, `/api/leads/${newId()}/contacts/${newId()}`, {
      method: "DELETE",
      host: hostOf(firm),
      headers: { cookie, ...headers },
      ids: { id: newId(), contactId: newId() },
    });
  expect((await remove({})).status).toBe(404);
  expect((await remove({ origin: "https://evil.example" })).status).toBe(403);
  expect((await remove({ origin: originOfFirm(firm) })).status).toBe(404);
});

it("does not hand a list or an export to a page of another site", async () => {
  const cookie = await signInTo(firm);
  for (const site of ["cross-site", "same-site"]) {
    expect((await list({ cookie, "sec-fetch-site": site }, hostOf(firm))).status).toBe(403);
    const reply = await call(exportRoute, "/api/leads/export", {
      host: hostOf(firm),
      headers: { cookie, "sec-fetch-site": site },
    });
    expect(reply.status).toBe(403);
  }
  expect((await list({ cookie, "sec-fetch-site": "same-origin" }, hostOf(firm))).status).toBe(200);
});

it("takes no session on a route for programs", async () => {
  const headers = { cookie: await signInTo(firm), origin: originOfFirm(firm) };
  expect((await call(ingestRoute, "/api/leads/ingest", { host: hostOf(firm), headers, body: {} })).status).toBe(401);
});

it.each(["1", "not-an-id", "%00", "01890a5d-ac96-774b-bcce-b302099a8057x", "' OR 1=1 --"])(
  "says not found to the id %j",
  async (id) => {
    const reply = await call(leadRoute, `/api/leads/${encodeURIComponent(id)}`, {
      headers: { "x-api-key": firm.key.text },
      ids: { id },
    });
    expect(reply.status).toBe(404);
  },
);
