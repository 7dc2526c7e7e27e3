import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { eventsOf } from "../setup/firms";
import { type House, makeHouse, startWorld, type World } from "./http-world";
import { FIRMLESS, ROWS } from "./key-rows";
import { PEOPLE_ROWS } from "./people-rows";

// Every change that a person can make, asked for by a page that is not the firm's, with the person's own cookie. The rows of the route matrix are the list.

let world: World;
let ours: House;
let theirs: House;
beforeAll(async () => {
  [ours, theirs, world] = await Promise.all([makeHouse(), makeHouse(), startWorld()]);
});
afterAll(async () => {
  await world?.app.stop();
  await closeDatabase();
});

/** Opened by something else than a session: a service token, or nothing. */
const NOT_FOR_PEOPLE = /api\/internal|api\/webhooks|\[\[\.\.\.rest|\[\.\.\.nextauth/;
const CHANGES = [
  ...Object.keys(ROWS).filter((name) => ROWS[name]?.people),
  ...Object.keys(PEOPLE_ROWS),
  ...[...FIRMLESS].filter((name) => !NOT_FOR_PEOPLE.test(name)),
].filter((name) => !name.startsWith("GET "));
const SIGN_IN = ["callback/credentials", "signout", "passkey-options"].map((action) => `POST /api/auth/${action}`);

const addressOf = (name: string) => name.replace(/^\w+ /, "").replace(/\[\w+\]/g, ours.lead);
const own = () => `http://${world.hostOf(ours)}`;
const strangers = (): Record<string, string> => ({
  "another site": "https://evil.example",
  "a frame without an origin": "null",
  "the sibling firm": `http://${world.hostOf(theirs)}`,
  "our own address": `http://localhost:${world.port}`,
  "the same name, other scheme": own().replace("http:", "https:"),
  "the same name, other port": own().replace(/:\d+$/, ":1"),
  "a name that begins with ours": `${own()}.evil.example`,
  "a name that ends with ours": `http://evil-${world.hostOf(ours)}`,
});

// Seen red without: the question for the origin in prove-session.ts (all rows with a session), and in with-link.ts (the rows with a link).
it.each([...CHANGES, ...SIGN_IN])("%s is refused to pages of others", async (name) => {
  const before = await eventsOf(ours.firm);
  const [method = ""] = name.split(" ");
  for (const [who, origin] of Object.entries(strangers())) {
    const headers = { origin, "content-type": "application/json", "sec-fetch-site": "cross-site" };
    const asked = { method, cookie: ours.cookies.owner, body: "{}", headers };
    const reply = await world.ask(world.hostOf(ours), addressOf(name), asked);
    expect(reply.status, `${who}: ${reply.text}`).toBe(403);
    expect(reply.headers["access-control-allow-origin"], who).toBeUndefined();
    expect(reply.setCookies, who).toEqual([]);
  }
  expect(await eventsOf(ours.firm)).toEqual(before);
});

// Seen red without: the question for the content type in prove-session.ts.
it.each(CHANGES)("%s takes no body that a form could send, nor one of a page that does not say which", async (name) => {
  const before = await eventsOf(ours.firm);
  const [method = ""] = name.split(" ");
  const ask = (headers: Record<string, string>, body: string) =>
    world.ask(world.hostOf(ours), addressOf(name), { method, cookie: ours.cookies.owner, body, headers });
  for (const type of [
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
  ]) {
    const reply = await ask({ origin: own(), "content-type": type }, '{"name":"x"}');
    expect([400, 403, 415], `${type}: ${reply.status} ${reply.text}`).toContain(reply.status);
  }
  // Without any of these it is a program that holds the cookie itself (prove-session.ts): no browser sends a change like that.
  const words: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "none" },
    { referer: `${own()}/leads` },
  ];
  for (const word of words) {
    const reply = await ask({ "content-type": "application/json", ...word }, "{}");
    expect(reply.status, `${JSON.stringify(word)} and no Origin: ${reply.text}`).toBe(403);
  }
  expect(await eventsOf(ours.firm)).toEqual(before);
});

it("lets no page of another origin read or ask first", async () => {
  for (const name of CHANGES) {
    const headers = {
      origin: "https://evil.example",
      "access-control-request-method": name.split(" ")[0] ?? "",
      "access-control-request-headers": "content-type, authorization",
    };
    const asked = { method: "OPTIONS", cookie: ours.cookies.owner, headers };
    const reply = await world.ask(world.hostOf(ours), addressOf(name), asked);
    expect(
      Object.keys(reply.headers).filter((header) => header.startsWith("access-control")),
      name,
    ).toEqual([]);
  }
});
