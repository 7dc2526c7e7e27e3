import net from "node:net";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { closeDatabase } from "@/lib/platform/db";
import { ALWAYS, type House, makeHouse, startWorld, type World } from "./http-world";

// What no well-behaved client sends, written to the socket as it stands. Two firms hold signs of their own; nobody may read them, and nothing may break.

export let world: World;
export let ours: House;
export let theirs: House;
/** Starts the server with two firms on it for the tests of a file, and asks after each whether it lives. */
export function openSockets(): void {
  beforeAll(async () => {
    [ours, theirs, world] = await Promise.all([makeHouse(), makeHouse(), startWorld()]);
  });
  afterEach(async () => {
    const alive = await world.ask(`localhost:${world.port}`, "/api/health");
    expect(alive.status, "the server lives").toBe(200);
  });
  afterAll(async () => {
    await world?.app.stop();
    await closeDatabase();
  });
}

export type Raw = { status: number; head: string; body: string; all: string };

/** Writes these bytes and gives the first reply as it came: until the server hangs up, or has been silent for a moment. */
async function raw(bytes: string, silenceMs = 3_000): Promise<Raw> {
  const socket = net.connect(Number(world.port), "127.0.0.1");
  let all = "";
  await new Promise<void>((resolve, reject) => {
    const tooLong = setTimeout(() => reject(new Error(`the server did not answer: ${bytes.slice(0, 200)}`)), 20_000);
    let silence: NodeJS.Timeout | undefined;
    const over = () => {
      clearTimeout(tooLong);
      clearTimeout(silence);
      resolve();
    };
    socket.on("data", (chunk) => {
      all += chunk.toString("latin1");
      clearTimeout(silence);
      silence = setTimeout(over, silenceMs);
    });
    for (const event of ["close", "error"]) socket.on(event, over);
    socket.write(bytes, "latin1");
  });
  socket.destroy();
  const [head = "", ...body] = all.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0), head, body: body.join("\r\n\r\n"), all };
}

export type Sent = {
  line?: string;
  method?: string;
  path?: string;
  host?: string | null;
  headers?: string[];
  body?: string;
};
/** Sends one request to a firm's host, as written. */
export const write = ({
  line,
  method = "GET",
  path = "/leads",
  host = world.hostOf(ours),
  headers = [],
  body = "",
}: Sent) =>
  raw(
    [
      line ?? `${method} ${path} HTTP/1.1`,
      ...(host === null ? [] : [`Host: ${host}`]),
      "Connection: close",
      ...headers,
      "",
      body,
    ].join("\r\n"),
  );

/** What shows that something of a firm was told. */
export const signsOf = (house: House) => [house.sign, house.personal];
// HSTS is said over https alone, which cookies.http.test.ts asks.
const HERE = ALWAYS.filter((name) => name !== "strict-transport-security");
/** What is true of every reply here. A reply of the HTTP parser itself has no body and no headers of ours; it never reached a page. */
export function expectSafe(reply: Raw, what: string, hidden: string[]) {
  expect(reply.status, `${what}\n${reply.head}`).toBeGreaterThan(0);
  expect(reply.status, `${what}\n${reply.head}`).toBeLessThan(500);
  const said = reply.all.toLowerCase();
  expect(
    hidden.filter((sign) => said.includes(sign)),
    what,
  ).toEqual([]);
  const to = /\nlocation: ([^\r\n]*)/i.exec(reply.head)?.[1] ?? "/";
  expect(to, what).toMatch(/^\/(?![/\\])/);
  const isOfParser = /^HTTP\/1\.1 4\d\d [^\r]+\r\nConnection: close$/.test(reply.head);
  if (isOfParser) expect(reply.body.replace(/\s/g, ""), what).toBe("");
  else
    expect(
      HERE.filter((name) => !reply.head.toLowerCase().includes(`\n${name}:`)),
      `${what}\n${reply.head}`,
    ).toEqual([]);
}
/** The cookie header of the owner of a firm. */
export const session = (house: House) => `Cookie: ${house.cookies.owner}`;
