import { Resolver } from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { call, control } from "./calls";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test" });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const NAME = "_arrestra.leads.smithlaw.example";
const ask = async (name = NAME): Promise<string[] | string> => {
  const resolver = new Resolver({ timeout: 150, tries: 1 });
  resolver.setServers([sandbox.dns.address]);
  return resolver.resolveTxt(name).then(
    (records) => records.map((pieces) => pieces.join("")),
    (error: NodeJS.ErrnoException) => error.code ?? "?",
  );
};

describe("the name server", () => {
  it("gives the records it was told, in any case of letters, and takes them away again", async () => {
    expect(await ask()).toBe("ENOTFOUND");
    await control(sandbox.url, "/dns/records", { name: NAME, txt: ["one", "two", "three".repeat(100)] });
    expect(await ask()).toEqual(["one", "two", "three".repeat(100)]);
    expect(await ask(NAME.toUpperCase())).toHaveLength(3);
    await control(sandbox.url, "/dns/records", { name: NAME, txt: [] });
    expect(await ask()).toBe("ENOTFOUND");
  });

  it("knows that a name above a record exists, without records of its own", async () => {
    sandbox.dns.zone.set(NAME, ["one"]);
    expect(await ask("leads.smithlaw.example")).toBe("ENODATA");
    expect(await ask("hworld.smithlaw.example")).toBe("ENOTFOUND");
  });

  it.each([
    ["nxdomain", "ENOTFOUND"],
    ["servfail", "ESERVFAIL"],
    ["silence", "ETIMEOUT"],
    ["garbage", "EBADRESP"],
  ])("can answer with %s, for one name or for all", async (answer, code) => {
    sandbox.dns.zone.set(NAME, ["one"]);
    await control(sandbox.url, "/dns/answer", { answer, name: "other.example" });
    expect(await ask()).toEqual(["one"]);
    await control(sandbox.url, "/dns/answer", { answer });
    expect(await ask()).toBe(code);
    await control(sandbox.url, "/dns/answer", { answer: "usual" });
    expect(await ask()).toEqual(["one"]);
  });

  it("can send far more than anybody asked for, and promise what it does not have", async () => {
    await control(sandbox.url, "/dns/answer", { answer: "oversized" });
    expect((await ask()).length).toBeGreaterThan(5);
    await control(sandbox.url, "/dns/answer", { answer: "truncated" });
    expect(typeof (await ask())).toBe("string");
  });

  it("logs what was asked, and forgets everything at a reset", async () => {
    sandbox.dns.zone.set(NAME, ["one"]);
    await ask();
    expect(sandbox.log.last("dns", 1)).toMatchObject([{ method: "QUERY", path: `TXT ${NAME}`, status: 0 }]);
    await control(sandbox.url, "/reset", {});
    expect(await control(sandbox.url, "/dns")).toEqual({ records: {}, answers: {} });
  });

  it("says what it did not understand", async () => {
    const send = (path: string, body: unknown) =>
      call(`${sandbox.url}/control/dns/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await send("records", { name: NAME, txt: "one" })).status).toBe(400);
    expect((await send("answer", { answer: "sometimes" })).status).toBe(400);
  });
});
