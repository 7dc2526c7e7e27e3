import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { signHead } from "@/lib/domain/events/sign-head";
import { closeDatabase } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { standIns } from "../../scripts/start/services";
import { PASSWORD } from "../http/call";
import { startScript, type TestProcess } from "../setup/app";
import { freshCode } from "../setup/factor";
import { type Reply, until } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { packed } from "../setup/programs";
import { type House, makeHouse, saidBy, startWorld, type World } from "./http-world";
import { PAGES } from "./page-rows";

// Two firms with a sign of their own in every text, a day's work on both, and then the search: in what the other was told, and in whatever we keep or say
// beside the records themselves.

let sandbox: Sandbox;
let world: World;
let jobs: TestProcess;
let houses: [House, House];
/** What each firm was told, and every secret that went over the wire. */
const told = new Map<House, string[]>();
const secrets: string[] = [PASSWORD];
const words = { web: "", jobs: "" };

beforeAll(async () => {
  sandbox = await startSandbox({ clock: systemClock, env: "test" });
  houses = await Promise.all([makeHouse(), makeHouse()]);
  // as talkative as they can be told to be
  world = await startWorld({ ...standIns(sandbox.url), LOG_LEVEL: "debug" });
  jobs = startScript(packed("workers/run-jobs.ts"), world.app.env);
  for (const house of houses) await work(house);
  await until("every job is done", async () => {
    const due = "SELECT 1 FROM pgboss.job WHERE state IN ('created', 'active', 'retry') AND start_after <= now()";
    return (await rows(due)).length === 0;
  });
  for (const { firm } of houses) {
    await sealEvents(firm.asService());
    expect(await signHead(firm.asService())).toBe(1);
  }
  await jobs.stop();
  await world.app.stop();
  words.web = world.app.logs().toLowerCase();
  words.jobs = jobs.logs().toLowerCase();
});
afterAll(async () => {
  await jobs?.stop();
  await world?.app.stop();
  await sandbox?.close();
  await closeDatabase();
});

/** Rows as text, as the superuser sees them. */
async function rows(sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await client.connect();
  try {
    const { rows: found } = await client.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM (${sql}) t`);
    return found.map(({ row }) => row.toLowerCase());
  } finally {
    await client.end();
  }
}

/** A day in a firm: everything read, some of it changed, and every kind of mistake that has a name in it. */
async function work(house: House): Promise<void> {
  const host = world.hostOf(house);
  const origin = `http://${host}`;
  const { personal, cookies } = house;
  const lines: string[] = [];
  told.set(house, lines);
  const keep = (reply: Reply) => {
    lines.push(saidBy(reply));
    expect(reply.status).toBeLessThan(500);
    return reply;
  };
  const get = async (at: string) => keep(await world.ask(host, at, { cookie: cookies.owner }));
  const send = async (method: string, at: string, body?: unknown, headers: Record<string, string> = {}) =>
    keep(
      await world.ask(host, at, {
        method,
        cookie: cookies.owner,
        headers: { origin, ...headers },
        ...(body ? { body } : {}),
      }),
    );

  const form = (fields: Record<string, string>, cookie = "") =>
    world.ask(host, "/api/auth/callback/credentials", {
      body: new URLSearchParams(fields),
      cookie,
      headers: { origin },
    });
  const first = keep(await form({ email: house.people.owner.email, password: PASSWORD }));
  keep(await form({ email: `${personal}@nobody.example`, password: `${personal} wrong password` }));
  const attempt = first.setCookies.find((line) => line.startsWith("arrestra.attempt="))?.split(";")[0] ?? "";
  const code = await freshCode(house.firm.id, house.firm.user);
  const second = keep(await form({ code }, attempt));
  secrets.push(...[first, second].flatMap(({ setCookies }) => setCookies.map((line) => line.split(/[=;]/)[1] ?? "")));
  secrets.push(
    house.firm.user.totpSecret,
    house.firm.key.text,
    ...Object.values(house.links),
    ...Object.values(cookies),
  );

  for (const row of Object.values(PAGES)) await get(row.path(house));
  for (const at of [
    "leads",
    "leads/export",
    "account",
    "users",
    "keys",
    "domains",
    "audit",
    "audit/export",
    "auth/session",
  ])
    await get(`/api/${at}`);
  for (const query of [`q=${personal}`, `q=${personal.toUpperCase()}&sort=${personal}`, `cursor=${personal}`])
    for (const at of ["/api/leads", "/leads", "/api/leads/export", "/api/audit"]) await get(`${at}?${query}`);
  await get(`/api/leads/${house.lead}`);
  for (const at of [
    `/api/leads/${personal}`,
    `/leads/${personal}`,
    `/api/${personal}`,
    `/${personal}`,
    `/join/${personal}`,
  ])
    await get(at);

  // Seen red without: the line about next-action in request-guard.ts. Next logs the name of an action that it does not find.
  const action = { origin, "next-action": personal, "content-type": "text/plain;charset=UTF-8" };
  keep(await world.ask(host, "/leads", { method: "POST", cookie: cookies.owner, body: personal, headers: action }));

  const contact = {
    kind: "phone",
    value: "+15125550123",
    givenBy: `${personal} mother`,
    basis: "referral",
    check: true,
  };
  const key = { "idempotency-key": newId() };
  for (let times = 0; times < 2; times++) await send("POST", `/api/leads/${house.lead}/contacts`, contact, key);
  await send("POST", `/api/leads/${house.lead}/contacts`, {
    ...contact,
    kind: "email",
    value: `new.${personal}@person.example`,
  });
  await send("POST", `/api/leads/${house.lead}/contacts`, {
    ...contact,
    kind: personal,
    value: { [personal]: personal },
  });
  await send(
    "POST",
    "/api/leads/status",
    { leadId: house.lead, to: "qualified", note: `${personal} called back` },
    { "idempotency-key": newId() },
  );
  await send("POST", "/api/leads/status", `{"note":"${personal}"`, { "content-type": "application/json" });
  await send("POST", "/api/leads/enrich/contact", { leadIds: [house.lead, house.hidden.id] });
  const made = await send("POST", "/api/keys", {
    name: `${personal} import`,
    scopes: ["leads:read"],
    expiresInDays: 30,
  });
  const invited = await send("POST", "/api/users/invitations", {
    email: `b.${personal}@person.example`,
    name: `${personal} Bee`,
    role: "staff",
  });
  const codes = await send("POST", "/api/account/recovery-codes", {});
  const totp = await send("POST", "/api/account/totp", {});
  expect([made, invited, codes, totp].map(({ status }) => status)).toEqual([201, 201, 200, 200]);
  secrets.push(made.json<{ text: string }>().text);
  secrets.push(...codes.json<{ codes: string[] }>().codes, totp.json<{ secret: string }>().secret);
  await send("PATCH", "/api/account", { name: `${personal} Renamed` });
  await send("POST", "/api/domains", { host: `www.${house.sign}.example` });
}

const personalSigns = () => houses.map(({ personal }) => personal);
const secretsIn = (text: string) =>
  secrets.filter((secret) => secret.length > 5 && text.includes(secret.toLowerCase()));
const signsIn = (text: string) => personalSigns().filter((sign) => text.includes(sign));
const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());

describe("after a day's work of two firms", () => {
  it("no byte of one was told to the other", () => {
    const [one, two] = houses;
    for (const [mine, other] of [
      [one, two],
      [two, one],
    ] as const) {
      const lines = told.get(mine) ?? [];
      expect(lines.length).toBeGreaterThan(40);
      expect(lines.filter((line) => line.includes(mine.personal)).length, "it was told its own").toBeGreaterThan(8);
      for (const sign of [other.sign, other.personal, other.firm.id, other.lead, other.people.owner.id])
        expect(lines.filter((line) => line.includes(sign)).map((line) => line.slice(0, 300))).toEqual([]);
    }
  });

  it("no name, contact, note, password, code, cookie or key is in what the processes wrote", () => {
    for (const [who, text] of Object.entries(words)) {
      expect(text.length, who).toBeGreaterThan(100);
      for (const sign of personalSigns()) {
        const at = text.indexOf(sign);
        expect(at === -1 ? "" : text.slice(Math.max(0, at - 300), at + 100), who).toBe("");
      }
      expect(secretsIn(text), who).toEqual([]);
      expect(text, who).not.toContain("5125550123");
    }
  });

  it.each([
    ["jobs", "SELECT * FROM pgboss.job"],
    ["counts of who asked how often", "SELECT * FROM rate_limit"],
    ["replies kept for a second try", "SELECT * FROM idempotency_key"],
    ["events", "SELECT * FROM event"],
    ["sessions", "SELECT * FROM session"],
    ["attempts to sign in", "SELECT * FROM sign_in_attempt"],
    ["links", "SELECT * FROM verification_token"],
  ])("none is in the rows of %s", async (what, sql) => {
    const found = await rows(sql);
    if (what !== "counts of who asked how often") expect(found.length, what).toBeGreaterThan(0);
    expect(
      found.filter((row) => signsIn(row).length + secretsIn(row).length > 0 || row.includes("5125550123")),
    ).toEqual([]);
  });

  it("none is readable in a table that is sealed, and no secret in any table", async () => {
    const tables = await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    for (const row of tables) {
      const { tablename } = JSON.parse(row) as { tablename: string };
      const all = (await rows(`SELECT * FROM "${tablename}"`)).join("\n");
      expect(secretsIn(all), tablename).toEqual([]);
      if (["contact_point", "lead_note", "enrichment", "totp"].includes(tablename))
        expect(all.match(/[a-z.]*@person\.example|5125550123|called back/g), tablename).toBeNull();
    }
  });

  it("none is in the heads of the audit chain that are kept elsewhere", () => {
    const files = filesUnder(env().AUDIT_HEADS_DIR);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) {
      const text = readFileSync(file, "utf8").toLowerCase();
      expect([...signsIn(text), ...secretsIn(text)], file).toEqual([]);
    }
  });
});
