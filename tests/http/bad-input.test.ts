import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { GET as knownRoute } from "@/app/api/ingest/known/route";
import { GET as exportRoute } from "@/app/api/leads/export/route";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { GET as listRoute } from "@/app/api/leads/route";
import type { IngestReport } from "@/lib/contracts/ingest";
import type { LeadPage } from "@/lib/contracts/leads";
import type { ProblemDto } from "@/lib/contracts/problem";
import { closeDatabase, housePool } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { call, makeFirmWithPassword, postSignIn, type Route } from "./call";

// What a client can write wrongly is a 4xx that names the field; what goes wrong on our side is a 503 that keeps nothing.

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const headers = () => ({ "x-api-key": firm.key.text });
const lead = (sourceId: string, over: object = {}) => ({
  sourceId,
  name: { full: "FICTUS, ROWAN" },
  county: "Travis",
  charges: [{ offense: "THEFT", bailCents: 100 }],
  ...over,
});
const post = (leads: unknown[], over: object = {}) =>
  call(ingestRoute, "/api/leads/ingest", { headers: headers(), body: { source: "api", leads, ...over } });
const list = (query: string) => call(listRoute as Route, `/api/leads${query}`, { headers: headers() });
const fields = (reply: { json: <T>() => T }) => reply.json<ProblemDto>().invalidParams.map(({ name }) => name);

describe("ingest", () => {
  it.each(["http://a.example/\u0000", "http://a.example/\ud800"])(
    "rejects a lead whose address cannot be stored, and keeps the others (%j)",
    async (sourceUrl) => {
      const reply = await post([lead("1", { sourceUrl }), lead("2")]);
      expect(reply.status).toBe(200);
      const { results } = reply.json<IngestReport>();
      expect(results.map(({ outcome }) => outcome)).toEqual(["rejected", "created"]);
      expect(results[0]?.problem?.field).toBe("sourceUrl");
    },
  );

  it.each([
    ["name.full", { name: { full: "\u200b \u0001" } }],
    ["name.last", { name: { first: "A", last: "\u200b" } }],
    ["charges[0].offense", { charges: [{ offense: "\u0001" }] }],
  ])("rejects a %s that shows nothing", async (field, over) => {
    const { results } = (await post([lead("1", over)])).json<IngestReport>();
    expect(results[0]).toMatchObject({ outcome: "rejected", problem: { code: "invalid", field } });
  });

  it.each(["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "1899-12-31T23:59:59Z"])(
    "refuses to have been observed at %s",
    async (observedAt) => {
      const reply = await post([lead("1")], { observedAt });
      expect(reply.status).toBe(422);
      expect(fields(reply)).toEqual(["observedAt"]);
    },
  );

  it("answers 503 with Retry-After and keeps nothing when the fault is ours", async () => {
    await asOwner(firm.id, (client) =>
      client.query(`
        CREATE FUNCTION break_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'SECRETCANARY'; END $$;
        CREATE TRIGGER break_now BEFORE INSERT ON ingest_batch FOR EACH ROW EXECUTE FUNCTION break_now();`),
    );
    try {
      const reply = await post([lead("1")]);
      expect(reply.status).toBe(503);
      expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(reply.json()).toMatchObject({ code: "unavailable" });
      expect(reply.text).not.toContain("SECRETCANARY");
    } finally {
      await asOwner(firm.id, (client) => client.query("DROP FUNCTION break_now CASCADE"));
    }
    expect((await list("")).json<LeadPage>().leads).toEqual([]);
    expect((await post([lead("1")])).json()).toMatchObject({ created: 1 });
  });
});

describe("the list", () => {
  it.each(["score", "firstSeen", "arrested", "bail"])(
    "refuses a cursor of the order %s that was altered",
    async (sort) => {
      await post([lead("1"), lead("2")]);
      const { nextCursor } = (await list(`?sort=${sort}&limit=1`)).json<LeadPage>();
      const [binding, key, id] = JSON.parse(Buffer.from(nextCursor ?? "", "base64url").toString("utf8"));
      for (const altered of [
        [binding, "abc", id],
        [binding, "\u0000", id],
        [binding, "99999999999999999999999", id],
        [binding, "infinity", id],
        [binding, "0000-01-01T00:00:00.000Z", id],
        [binding, "2026-02-30T00:00:00.000Z", id],
        [binding, key, "not-an-id"],
      ]) {
        const cursor = Buffer.from(JSON.stringify(altered)).toString("base64url");
        const reply = await list(`?sort=${sort}&limit=1&cursor=${cursor}`);
        expect(reply.status, JSON.stringify(altered)).toBe(422);
        expect(fields(reply)).toEqual(["cursor"]);
      }
      expect((await list(`?sort=${sort}&limit=1&cursor=${nextCursor}`)).json<LeadPage>().leads).toHaveLength(1);
    },
  );

  it.each(["from", "to"])("refuses a year that no calendar of ours has in %s", async (name) => {
    for (const value of ["0000-01-01", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B01:00"]) {
      const reply = await list(`?${name}=${value}`);
      expect(reply.status, value).toBe(422);
      expect(fields(reply)).toEqual([name]);
    }
  });

  it("finds nothing for a search of nothing but accents, rather than everything", async () => {
    await post([lead("1")]);
    expect((await list("?q=%CC%81")).json<LeadPage>().leads).toEqual([]);
  });

  it("refuses a field called __proto__ like any other that it does not know", async () => {
    for (const query of ["?__proto__=1", "?__proto__=1&__proto__=2"]) expect((await list(query)).status).toBe(422);
    const known = await call(knownRoute as Route, "/api/ingest/known?source=api&__proto__=1", { headers: headers() });
    expect(known.status).toBe(422);
  });
});

it("names the body when the body itself is of the wrong kind", async () => {
  expect(
    fields(await call(ingestRoute, "/api/leads/ingest", { headers: headers(), body: "[]", method: "POST" })),
  ).toEqual(["body"]);
});

it("refuses an address with a NUL at sign-in like any wrong one", async () => {
  const door = await makeFirmWithPassword();
  const [odd, wrong] = [
    await postSignIn(door, { email: "a\u0000@person.example", password: "not the password" }),
    await postSignIn(door, { email: "a@person.example", password: "not the password" }),
  ];
  expect([odd.status, odd.headers.get("location")]).toEqual([wrong.status, wrong.headers.get("location")]);
});

it("gives the connection of an export back when only its headers were asked for", async () => {
  await post([lead("1")]);
  for (let i = 0; i < 3; i++) {
    const reply = await call(exportRoute as Route, "/api/leads/export", { method: "HEAD", headers: headers() });
    expect(reply.status).toBe(200);
    expect(reply.text).toBe("");
    expect(reply.headers.get("x-request-id")).toBeTruthy();
  }
  const { rows } = await housePool().query(
    "SELECT count(*)::int AS held FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
  );
  expect(rows).toEqual([{ held: 0 }]);
});
