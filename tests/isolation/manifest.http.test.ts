import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { type House, makeHouse, startWorld, type World } from "./http-world";
import { FIRMLESS, ROWS } from "./key-rows";
import { type Built, readBuilt } from "./manifest";
import { PAGES } from "./page-rows";
import { PEOPLE_ROWS } from "./people-rows";

// What was built is the list: an address without a row fails here, wherever it came from.

/** Addresses outside app/api that are no page: what they do is tested where it is named. */
const OTHER_ROUTES: Record<string, string> = {
  "/operator/session": "POST", // tests/http/operator.test.ts
  "/operator/firms/create": "POST", // tests/http/operator-firms.test.ts
  "/operator/firms/state": "POST",
  "/connect/[provider]": "", // tests/connections/connecting.db.test.ts: passes on to the firm what a service says
  "/icon.svg": "", // a file
};

let built: Built;
let world: World;
let house: House;
beforeAll(async () => {
  built = await readBuilt();
  [house, world] = await Promise.all([makeHouse(), startWorld({ OPERATOR_TOKEN: "an-operator-token-of-a-test-file" })]);
});
afterAll(async () => {
  await world?.app.stop();
  await closeDatabase();
});

describe("the build", () => {
  // Seen red with: a row taken out of PAGES.
  it("has no page without a row, and there is no row without a page", () => {
    expect(Object.keys(PAGES).toSorted()).toEqual(built.pages.filter((page) => !page.startsWith("/_")).toSorted());
  });

  // Seen red with: "GET /api/audit" taken out of the rows.
  it("has no route and no method without a row", async () => {
    const rows = new Set([...Object.keys(ROWS), ...Object.keys(PEOPLE_ROWS), ...FIRMLESS]);
    const found: string[] = [];
    for (const route of built.routes.filter((each) => each.startsWith("/api/"))) {
      if (route === "/api/[[...rest]]" || route === "/api/auth/[...nextauth]") continue;
      const path = route.replace(/\[\w+\]/g, house.lead);
      const { status, headers } = await world.ask(world.hostOf(house), path, { method: "OPTIONS" });
      expect(status, route).toBe(204);
      const methods = String(headers.allow).split(", ");
      found.push(
        ...methods.filter((method) => !["HEAD", "OPTIONS"].includes(method)).map((each) => `${each} ${route}`),
      );
    }
    const catchAll = [...rows].filter((row) => /\[\[?\.\.\./.test(row));
    expect([...found, ...catchAll].toSorted()).toEqual([...rows].toSorted());
  });

  it("has no other address than those", () => {
    const others = built.routes.filter((route) => !route.startsWith("/api/"));
    expect(others.toSorted()).toEqual(Object.keys(OTHER_ROUTES).toSorted());
  });

  it("opens no other address to a session or a key: neither host nor method changes that", async () => {
    for (const [path, method] of Object.entries(OTHER_ROUTES)) {
      if (!method) continue;
      for (const host of [world.hostOf(house), `nobody.localhost:${world.port}`, `localhost:${world.port}`]) {
        const origin = `http://${host}`;
        const headers = { origin, authorization: `Bearer ${house.firm.key.text}` };
        const reply = await world.ask(host, path, { method, cookie: house.cookies.owner, body: {}, headers });
        expect([303, 400, 401, 403, 404], `${host} ${path} ${reply.text}`).toContain(reply.status);
        if (reply.status === 303) expect(reply.headers.location).toMatch(/error=/);
        expect(reply.setCookies).toEqual([]);
      }
    }
  });
});
