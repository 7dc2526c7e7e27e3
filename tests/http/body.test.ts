import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as ingestRoute } from "@/app/api/leads/ingest/route";
import { assertPlainJson } from "@/lib/http/plain-json";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { call, type Reply } from "./call";

let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const send = (body: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  call(ingestRoute, "/api/leads/ingest", {
    headers: { authorization: `Bearer ${firm.key.text}`, "content-type": "application/json", ...headers },
    body,
  });
type Problem = { code: string; invalidParams: { name: string; reason: string }[] };
const problemOf = (reply: Reply) => reply.json<Problem>();
const names = (reply: Reply) => problemOf(reply).invalidParams.map((param) => param.name);
const lead = `{"sourceId":"1","name":{"full":"A"},"county":"Travis","charges":[]}`;

describe("a body that is no proper JSON", () => {
  it.each([
    ["nothing", ""],
    ["half of it", `{"source":"api","leads":[${lead}`],
    ["something behind it", `{"source":"api","leads":[${lead}]} x`],
    ["a comment", `{"source":"api",/* a */"leads":[${lead}]}`],
    ["a comma too many", `{"source":"api","leads":[${lead},]}`],
    ["single quotes", "{'source':'api'}"],
    ["NaN", `{"source":"api","leads":[NaN]}`],
    ["a raw line break in a string", `{"source":"a\npi","leads":[${lead}]}`],
    ["a key twice", `{"source":"api","source":"topics.travis","leads":[${lead}]}`],
    ["a key twice, once escaped", `{"source":"api","so\\u0075rce":"topics.travis","leads":[${lead}]}`],
    ["a key twice deep inside", `{"source":"api","leads":[{"sourceId":"1","sourceId":"2"}]}`],
    ["33 levels", `{"source":"api","leads":[${"[".repeat(31)}${"]".repeat(31)}]}`],
    ["a million levels", "[".repeat(1_000_000)],
    ["broken UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ["an overlong slash", new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ["a surrogate as UTF-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])("is 400 for %s", async (_name, body) => {
    const reply = await send(body);
    expect([reply.status, problemOf(reply).code]).toEqual([400, "invalid_request"]);
  });

  it("is 400 for a compressed one: its size is a promise that nobody keeps", async () => {
    expect((await send("x", { "content-encoding": "gzip" })).status).toBe(400);
  });

  it("does not repeat the input in the reply", async () => {
    expect((await send(`{"source":"SECRETCANARY`)).text).not.toContain("SECRETCANARY");
    expect((await send(`{"source":"SECRETCANARY","leads":[1]}`)).text).not.toContain("SECRETCANARY");
  });
});

describe("a body of the wrong shape", () => {
  it("is 422 and names every field", async () => {
    const reply = await send({ source: "topics.nowhere", observedAt: "yesterday", leads: [], extra: 1 });
    expect(reply.status).toBe(422);
    expect(names(reply).sort()).toEqual(["extra", "leads", "observedAt", "source"]);
  });

  it.each([[{}], [[]], [null], ["text"], [1]])("is 422 for %j", async (body) => {
    expect((await send(JSON.stringify(body))).status).toBe(422);
  });

  it("is 422 for 1001 leads and 200 for a bad lead among good ones", async () => {
    expect((await send({ source: "api", leads: Array(1001).fill({}) })).status).toBe(422);
    const reply = await send({ source: "api", leads: [JSON.parse(lead), { sourceId: "2", __proto__x: 1 }] });
    expect(reply.json()).toMatchObject({ created: 1, rejected: 1 });
  });
});

describe("a body that is too large", () => {
  const MAX = 5_000_000;
  it("is 413 when its length says so, before a byte is read", async () => {
    expect((await send("x", { "content-length": String(MAX + 1) })).status).toBe(413);
  });

  it("is 413 as soon as it streams past the cap, and the rest is not taken", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 100_000;
        controller.enqueue(new Uint8Array(100_000).fill(0x20));
      },
    });
    expect((await send(endless)).status).toBe(413);
    expect(sent).toBeLessThan(MAX + 500_000);
  });

  it("is taken up to the last allowed byte", async () => {
    const body = `{"source":"api","leads":[${lead}]}`;
    expect((await send(body + " ".repeat(MAX - body.length))).status).toBe(200);
    expect((await send(body + " ".repeat(MAX - body.length + 1))).status).toBe(413);
  });

  it("is 400 when the client stops in the middle, and keeps nothing", async () => {
    const before = await asOwner(firm.id, (client) => client.query("SELECT count(*) FROM ingest_batch"));
    const cut = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`{"source":"api","leads":[${lead}`));
      },
      pull(controller) {
        controller.error(new Error("aborted"));
      },
    });
    expect((await send(cut)).status).toBe(400);
    const after = await asOwner(firm.id, (client) => client.query("SELECT count(*) FROM ingest_batch"));
    expect(after.rows).toEqual(before.rows);
  });
});

describe("assertPlainJson", () => {
  it("lets through every JSON without duplicate keys that is not too deep", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.boolean(), (value, isPretty) => {
        expect(() => assertPlainJson(JSON.stringify(value, null, isPretty ? 2 : 0))).not.toThrow();
      }),
    );
  });

  it("finds a duplicate key wherever it is, whatever strings lie around it", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (key, a, b) => {
        const name = JSON.stringify(key);
        const twice = `[${JSON.stringify(a)},{${name}:${JSON.stringify(a)}, ${name} :${JSON.stringify(b)}}]`;
        expect(() => assertPlainJson(twice)).toThrow(/twice/);
      }),
    );
  });

  it("never fails in another way, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", "a", " "), { maxLength: 40 }),
        (parts) => {
          try {
            assertPlainJson(parts.join(""));
          } catch (error) {
            expect(String(error)).toMatch(/twice|deeper/);
          }
        },
      ),
    );
  });
});
