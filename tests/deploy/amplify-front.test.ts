import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAmplifyFront } from "@/sandbox/aws/amplify-front";
import { readManifest } from "@/sandbox/aws/amplify-manifest";
import { request } from "../setup/http";

// The stand-in of Amplify's front keeps to what its specification says: what passes here is to pass there.

const folder = mkdtempSync(path.join(tmpdir(), "arrestra-front-"));
const seen: Record<string, unknown>[] = [];
const server = createServer((req, res) => {
  seen.push({ url: req.url, ...req.headers });
  if (req.url === "/slow") return;
  if (req.url === "/large") return void res.end(Buffer.alloc(2001));
  res.setHeader("cache-control", req.url === "/kept" ? "public, max-age=60" : "private, no-store");
  res.write("half ");
  setImmediate(() => res.end(`of ${req.headers.host}`));
});
const target = { kind: "Static", cacheControl: "public, max-age=7" };
const compute = { kind: "Compute", src: "default" };
const routes = [
  { path: "/files/*", target },
  { path: "/*.txt", target, fallback: compute },
  { path: "/*", target: compute },
];
const manifest = {
  version: 1,
  routes,
  computeResources: [{ name: "default", entrypoint: "entry.mjs", runtime: "nodejs22.x" }],
};
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const describeBundle = (over: object) => write("deploy-manifest.json", JSON.stringify({ ...manifest, ...over }));

let front: Awaited<ReturnType<typeof startAmplifyFront>>;
beforeAll(async () => {
  write("static/files/deep/a.js", "a");
  write("static/b.txt", "b");
  write("outside", "not to be served");
  write("compute/default/entry.mjs", "");
  describeBundle({});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const computeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const limits = { timeoutMs: 100, replyBytes: 2000, requestBytes: 3000 };
  front = await startAmplifyFront({ folder, computeUrl, limits });
});
afterAll(async () => {
  await front.close();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
const ask = (at: string, options = {}) => request(`${front.url}${at}`, { headers: { host: "a.example" }, ...options });

it("takes the first route that fits, whatever the query, and its fallback where there is no file", async () => {
  const said = async (at: string) => {
    const { status, text, headers } = await ask(at);
    return [status, text, headers["cache-control"], front.served.at(-1)?.by];
  };
  expect(await said("/files/deep/a.js?v=1")).toEqual([200, "a", "public, max-age=7", "static"]);
  expect(await said("/b.txt")).toEqual([200, "b", "public, max-age=7", "static"]);
  expect(await said("/c.txt")).toEqual([200, "half of a.example", "private, no-store", "compute"]);
  expect((await said("/files/missing.js")).slice(0, 2)).toEqual([404, "Not found"]);
  for (const at of ["/files/..%2f..%2foutside", "/files/%00", "/files/%ff"]) expect((await ask(at)).status).toBe(404);
});

it("gives a reply when it is whole, and the server the visitor's host and address", async () => {
  const reply = await ask("/page", { headers: { host: "b.example", "x-forwarded-for": "203.0.113.9" } });
  expect([reply.text, reply.headers["content-length"]]).toEqual(["half of b.example", "17"]);
  expect(reply.headers["transfer-encoding"]).toBeUndefined();
  expect(seen.at(-1)).toMatchObject({ host: "b.example", "x-forwarded-for": "203.0.113.9, 127.0.0.1" });
});

it("ends what is too slow or too large", async () => {
  expect((await ask("/slow")).status).toBe(504);
  expect((await ask("/large")).status).toBe(500);
  expect((await ask("/page", { body: Buffer.alloc(3001) })).status).toBe(413);
  expect((await ask("/page", { body: Buffer.alloc(3000) })).status).toBe(200);
});

it("keeps what it may keep for every host alike", async () => {
  await ask("/kept", { headers: { host: "a.example" } });
  expect((await ask("/kept", { headers: { host: "b.example" } })).text).toBe("half of a.example");
  await ask("/page", { headers: { host: "a.example" } });
  expect((await ask("/page", { headers: { host: "b.example" } })).text).toBe("half of b.example");
});

it.each([
  ["another version", { version: 2 }, /version/],
  ["more routes than Amplify takes", { routes: Array.from({ length: 26 }, () => routes[0]) }, /1 to 25/],
  ["no route for the rest", { routes: routes.slice(0, 2) }, /last route/],
  ["a pattern that Amplify does not know", { routes: [{ path: "/{a,b}", target }, ...routes] }, /is no path/],
  ["a server that is not there", { routes: [{ path: "/*", target: { ...compute, src: "x" } }] }, /not there/],
  [
    "a runtime that is gone",
    { computeResources: [{ ...manifest.computeResources[0], runtime: "nodejs18.x" }] },
    /no runtime/,
  ],
  [
    "an entry that was not packed",
    { computeResources: [{ ...manifest.computeResources[0], entrypoint: "x.js" }] },
    /not in the bundle/,
  ],
])("refuses a manifest with %s", (_what, over, why) => {
  describeBundle(over);
  expect(() => readManifest(folder)).toThrow(why);
});
