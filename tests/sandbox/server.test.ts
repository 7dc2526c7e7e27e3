import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { call, control, detail, listRows, postList, readForm } from "./calls";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test" });
});
afterAll(() => sandbox.close());

describe("the sandbox", () => {
  it("listens on 127.0.0.1 only, on a free port", () => {
    expect(sandbox.url).toBe(`http://127.0.0.1:${sandbox.port}`);
    expect(sandbox.port).toBeGreaterThan(1023);
  });

  it("refuses to start in production", async () => {
    await expect(startSandbox({ env: "production" })).rejects.toThrow("does not run in production");
  });

  it("has a front page that calls everybody invented and leads to the bail forms", async () => {
    const { status, headers, body } = await call(`${sandbox.url}/`);
    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(body).toContain("Every person here is <b>invented</b>");
    const link = /href="(\/topics\/BailPublic)"/.exec(body)?.[1];
    expect((await call(`${sandbox.url}${link}`)).body).toContain("Every person and every case here is invented.");
  });

  it("says nothing of paths it does not know", async () => {
    for (const path of ["/nothing", "/topicsy/x", "//", "/topics/nothing"]) {
      expect((await call(`${sandbox.url}${path}`)).status).toBe(404);
    }
  });

  it("answers robots.txt at the origin and under the site, and both change together", async () => {
    const robots = async (path: string) => (await call(`${sandbox.url}${path}`)).body;
    expect(await robots("/robots.txt")).toContain("Allow: /");
    await control(sandbox.url, "/topics/robots", { text: "User-agent: *\nDisallow: /topics/\n" });
    expect(await robots("/robots.txt")).toBe("User-agent: *\nDisallow: /topics/\n");
    expect(await robots("/topics/robots.txt")).toBe(await robots("/robots.txt"));
    await control(sandbox.url, "/reset", {});
    expect(await robots("/robots.txt")).toContain("Allow: /");
  });
});

describe("the control plane", () => {
  it("refuses a caller whose Host is not this machine", async () => {
    const { status } = await call(`${sandbox.url}/control/`, { headers: { Host: "rebound.example.com" } });
    expect(status).toBe(403);
  });

  it("refuses what a form on a web page could send", async () => {
    const headers = { "Content-Type": "text/plain", Origin: "https://example.com" };
    for (const body of ["", "{}"]) {
      expect((await call(`${sandbox.url}/control/reset`, { method: "POST", headers, body })).status).toBe(400);
    }
  });

  it.each([
    ["POST", "/topics/scenario", { name: "one-offense", county: "Gotham" }, "Gotham is no county of Texas."],
    ["POST", "/topics/scenario", {}, "name must be a text."],
    ["POST", "/twilio/faults", { kind: "slow", delayMs: -1 }, "delayMs must be a number, 0 or more."],
  ])("answers %s %s %o with 400 and the reason", async (_method, path, body, words) => {
    await expect(control(sandbox.url, path, body)).rejects.toThrow(words);
  });

  it("forgets everything on reset", async () => {
    await control(sandbox.url, "/topics/scenario", { name: "bail-lowered" });
    await detail(sandbox.topics.url, "9000301");
    await control(sandbox.url, "/twilio/faults", { kind: "error" });
    await control(sandbox.url, "/kickbox/rate", { perSecond: 1 });
    const after = await control<Record<string, unknown>>(sandbox.url, "/reset", {});
    expect(after).toMatchObject({
      faults: { twilio: [] },
      rates: { kickbox: null },
      counties: [{ county: "Travis", scenario: "demo-day" }, {}, {}],
    });
    expect(await control(sandbox.url, "/topics/served")).toMatchObject({ count: 0 });
  });
});

describe("the answer sheet of the demo day", () => {
  it("equals what was served, form by form", async () => {
    sandbox.reset();
    const rows = await listRows(sandbox.topics.url, "Travis");
    for (const row of rows) await detail(sandbox.topics.url, row[4] ?? "");
    const { count, forms } = await control<{ count: number; forms: { id: string; name: string }[] }>(
      sandbox.url,
      "/topics/served?county=Travis",
    );
    expect(count).toBe(rows.length);
    expect(forms.map((form) => [form.id, form.name])).toEqual(rows.map((row) => [row[4], row[0]]));
  });
});

describe("the variant that needs a browser", () => {
  const cookieOf = (headers: Record<string, string | string[] | undefined>) =>
    String(headers["set-cookie"]).split(";")[0] ?? "";

  it("has no form in the page itself, and gives 403 to a list request without the token", async () => {
    const page = await call(`${sandbox.topics.jsUrl}/BailPublic`);
    expect(page.body).not.toContain("Travis County");
    expect((await postList(sandbox.topics.jsUrl, {})).status).toBe(403);
    const session = cookieOf(page.headers);
    expect((await postList(sandbox.topics.jsUrl, {}, { Cookie: session })).status).toBe(403);
  });

  it("serves the same rows after the handshake, and a form only within the session", async () => {
    const session = cookieOf((await call(`${sandbox.topics.jsUrl}/BailPublic`)).headers);
    const shake = await call(`${sandbox.topics.jsUrl}/BailPublic/Session`, {
      method: "POST",
      headers: { Cookie: session },
    });
    const token = cookieOf(shake.headers);
    const headers = { Cookie: `${session}; ${token}`, RequestVerificationToken: token.split("=")[1] ?? "" };
    const { body } = await postList(sandbox.topics.jsUrl, { MagistrationLocation: "Hays" }, headers);
    const { data } = JSON.parse(body) as { data: string[][] };
    expect(data).toEqual(await listRows(sandbox.topics.url, "Hays"));
    const form = `${sandbox.topics.jsUrl}/BailPublic/BailPublic/${data[0]?.[4]}`;
    expect((await call(form)).status).toBe(302);
    const { fields } = readForm((await call(form, { headers: { Cookie: session } })).body);
    expect(fields.Name).toBe(data[0]?.[0]);
  });

  it("does not take a token of another session", async () => {
    const shakes = [];
    for (let turn = 0; turn < 2; turn++) {
      const session = cookieOf((await call(`${sandbox.topics.jsUrl}/BailPublic`)).headers);
      const shake = await call(`${sandbox.topics.jsUrl}/BailPublic/Session`, {
        method: "POST",
        headers: { Cookie: session },
      });
      shakes.push({ session, token: cookieOf(shake.headers) });
    }
    const headers = {
      Cookie: `${shakes[0]?.session}; ${shakes[1]?.token}`,
      RequestVerificationToken: shakes[1]?.token.split("=")[1] ?? "",
    };
    expect((await postList(sandbox.topics.jsUrl, {}, headers)).status).toBe(403);
  });
});

describe("the process of npm start", () => {
  const start = (env: Record<string, string>) =>
    spawn(process.execPath, ["--import", "tsx", "sandbox/main.ts"], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });

  it("prints where it listens as one JSON line, remembers its start, and ends in peace on SIGTERM", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
    const stateFile = join(folder, "state.json");
    const child = start({ ARRESTRA_ENV: "demo", SANDBOX_PORT: "0", SANDBOX_STATE_FILE: stateFile });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const { event, url } = JSON.parse(line.toString()) as { event: string; url: string };
      expect(event).toBe("listening");
      expect((await listRows(`${url}/topics`, "Travis")).length).toBeGreaterThan(50);
      expect(JSON.parse(readFileSync(stateFile, "utf8"))).toEqual({ starts: [expect.any(String)] });
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  it("ends with an error in production", async () => {
    const child = start({ ARRESTRA_ENV: "production" });
    const words: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => words.push(chunk.toString()));
    // A process that does start would say so and stay: then the test fails on its words, not by waiting.
    child.stdout.on("data", () => child.kill("SIGKILL"));
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(1);
    expect(words.join("")).toContain("The sandbox does not run in production");
  });
});
