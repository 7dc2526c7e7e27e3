import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startSecretsManager } from "@/sandbox/aws/secrets-manager";
import { packed } from "../setup/programs";
import { openStage, type Stage } from "./stage";

const SCRAPE = packed("workers/scrape.ts");

async function run(stage: Stage | null, script: string, args: string[], env: Record<string, string> = {}) {
  const settings = stage?.settings;
  const child = spawn(process.execPath, [script, ...args], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NODE_ENV: "test",
      ...(settings
        ? {
            ARRESTRA_ENV: "test",
            ARRESTRA_API_URL: settings.apiUrl,
            TOPICS_BASE_URL: settings.baseUrl.href,
            SCRAPER_FIRMS_FILE: settings.firmsFile,
            SCRAPER_STATE_DIR: settings.stateDir,
            SCRAPER_MIN_INTERVAL_MS: "0",
          }
        : {}),
      ...env,
    },
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, err, code: child.exitCode };
}

vi.setConfig({ testTimeout: 120_000 });

describe("the scrape command", () => {
  it("prints JSON lines where nobody is looking, and no person's name in any of them", async () => {
    const stage = await openStage("one-offense");
    const { out, code } = await run(stage, packed("workers/topics-travis.ts"), []);
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event?: string; source?: string });
    expect(lines.map((line) => line.event)).toEqual(
      expect.arrayContaining(["scrape.begun", "batch.posted", "scrape.done"]),
    );
    expect(lines.every((line) => line.source === "topics.travis")).toBe(true);
    expect(out).not.toContain("FICTUS");
    expect(stage.leads()).toHaveLength(1);
  });

  it("takes every county that a firm takes when none is named, and fails when one of them does", async () => {
    const stage = await openStage("one-offense", [{ firm: "smithlaw", counties: ["Travis", "Hays"] }]);
    stage.sandbox.topics.site.choose("Hays", "data-missing");
    expect((await run(stage, SCRAPE, [])).code).toBe(1);
    expect(stage.api.side("smithlaw").runs.map((each) => each.source)).toEqual(["topics.hays", "topics.travis"]);
    expect(stage.leads()).toHaveLength(1);
  });

  // Seen red without: the refusal in flip.
  it("holds and resumes a source", async () => {
    const stage = await openStage("one-offense");
    expect((await run(stage, SCRAPE, ["--hold", "topics.travis"])).out).toContain("topics.travis is on hold");
    expect((await run(stage, SCRAPE, ["--county", "Travis"])).code).toBe(1);
    expect(stage.asked()).toEqual([]);
    const { code } = await run(stage, SCRAPE, ["--resume", "topics.travis", "--county", "travis county"]);
    expect([code, stage.leads().length]).toEqual([0, 1]);
    const none = await run(stage, SCRAPE, ["--hold", "travis"]);
    expect([none.code, none.out, none.err]).toEqual([1, "", expect.stringContaining("travis is neither a source")]);
  });

  it("says in plain words what is wrong with its use or its settings", async () => {
    const wrong = await run(null, SCRAPE, ["--county", "Atlantis"]);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("Atlantis is no county of Texas")]);
    const anonymous = await run(null, SCRAPE, ["--county", "Travis"]);
    expect([anonymous.code, anonymous.err]).toEqual([1, expect.stringContaining("SCRAPER_CONTACT is missing")]);
  });
});

describe("a replay", () => {
  const KEY = { SCRAPER_PAGE_KEY: Buffer.alloc(32, 7).toString("base64") };
  const replay = (stage: Stage, day: string, env: Record<string, string> = KEY) =>
    run(stage, SCRAPE, ["--county", "Travis", "--replay", day], env);

  // Seen red with: the list before a detail not remembered; a page that does not prove itself passed over.
  it("reads the kept pages of a day again, asks no court and posts nothing", async () => {
    const stage = await openStage("one-offense");
    expect((await run(stage, SCRAPE, ["--county", "Travis"], KEY)).code).toBe(0);
    const [before, posted] = [stage.asked().length, stage.leads().length];
    const [day = ""] = readdirSync(join(stage.settings.stateDir, "pages", "topics.travis"));
    const whole = await replay(stage, day);
    expect([whole.code, whole.out]).toEqual([0, expect.stringContaining("1 lists and 1 forms read, 0 pages lack")]);
    expect(whole.out).not.toContain("FICTUS");

    stage.sandbox.topics.site.choose("Travis", "data-missing");
    expect((await run(stage, SCRAPE, ["--county", "Travis"], KEY)).code).toBe(1);
    const asked = stage.asked().length;
    expect(asked).toBeGreaterThan(before);
    const broken = await replay(stage, day);
    expect([broken.code, broken.out]).toEqual([1, expect.stringMatching(/1 pages lack expected landmarks \(.+: 1\)/)]);
    expect([stage.asked().length, stage.leads().length]).toEqual([asked, posted]);
  });

  it("says so when nothing is kept of that day, or nothing at all", async () => {
    const stage = await openStage("one-offense");
    expect((await replay(stage, "2026-01-01")).err).toContain("No raw page of topics.travis of 2026-01-01 is kept");
    expect((await replay(stage, "2026-01-01", {})).err).toContain("SCRAPER_PAGE_KEY is not set");
    expect((await replay(stage, "yesterday")).code).toBe(2);
  });
});

describe("the Lambda entry", () => {
  it("scrapes the counties of its event, and fails the invocation when one fails", async () => {
    const stage = await openStage("one-offense");
    const invoke = `const { handler } = await import("./${packed("workers/lambda.ts")}");
      const { outcomes } = await handler({ counties: ["Travis"] }, { getRemainingTimeInMillis: () => 300000 });
      process.stdout.write("OUTCOME " + outcomes[0].status);`;
    const call = () => run(stage, "--input-type=module", ["-e", invoke]);
    expect((await call()).out).toContain("OUTCOME succeeded");
    stage.sandbox.topics.site.choose("Travis", "data-missing");
    const failed = await call();
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining("failed: topics.travis")]);
  });

  // Seen red without: hold and resume in the event; the strict shape of the event; the refusal of a name that stops nothing.
  it("puts a hold where its passes look, starts no pass for it, lifts it again, and refuses what it does not understand", async () => {
    const stage = await openStage("one-offense");
    const invoke = `const { handler } = await import("./${packed("workers/lambda.ts")}");
      const call = (event) => handler(event, { getRemainingTimeInMillis: () => 300000 }).catch((error) => error.message);
      const events = [{ hold: "travis" }, { hold: "topics.travis" }, {}, { holds: "all" }, { resume: "topics.travis" }, { counties: ["Travis"], acceptList: true }];
      for (const event of events) process.stdout.write("\\nSAID " + JSON.stringify(await call(event)) + "\\n");`;
    const { out, err } = await run(stage, "--input-type=module", ["-e", invoke]);
    const said = [...out.matchAll(/^SAID (.+)$/gm)].map(([, text = ""]) => JSON.parse(text) as unknown);
    expect(said, err).toEqual([
      'travis is neither a source (topics.travis), nor a host, nor "all"',
      { said: ["topics.travis is on hold"], outcomes: [] },
      "failed: topics.travis",
      expect.stringMatching(/^this event is not understood: .*holds/),
      { said: ["topics.travis may go on"], outcomes: [] },
      { said: [], outcomes: [expect.objectContaining({ status: "succeeded", fetched: 1 })] },
    ]);
  });

  it("takes the firms and their keys from its secret, and leaves nothing of a call in the temporary folder", async () => {
    const stage = await openStage("one-offense");
    const aws = await startSecretsManager();
    onTestFinished(aws.close);
    aws.world.secrets.set("scraper", JSON.stringify({ SCRAPER_FIRMS: readFileSync(stage.settings.firmsFile, "utf8") }));
    const temporary = join(stage.settings.stateDir, "..", "tmp");
    mkdirSync(join(temporary, "arrestra-call-cut-off"), { recursive: true });
    // As Playwright does once the call has its folder: asks where temporary files go, and leaves one there.
    const invoke = `const { handler } = await import("./${packed("workers/lambda.ts")}");
      const { mkdtempSync, readdirSync } = await import("node:fs");
      const { tmpdir } = await import("node:os");
      const cutOff = "arrestra-call-cut-off";
      const leave = () => readdirSync(${JSON.stringify(temporary)}).some((name) => /call/.test(name) && name !== cutOff)
        && process.stdout.write("LEFT " + mkdtempSync(tmpdir() + "/profile-"));
      const timer = setInterval(leave, 1);
      const { outcomes } = await handler({ counties: ["Travis"] }, { getRemainingTimeInMillis: () => 300000 });
      clearInterval(timer);
      process.stdout.write("OUTCOME " + outcomes[0].status);`;
    const login = { AWS_REGION: "us-east-2", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "not-a-key" };
    const secret = { SECRETS_ARN: "scraper", AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url, SCRAPER_FIRMS_FILE: "" };
    const told = { ...login, ...secret, TMPDIR: temporary };
    const { out, err } = await run(stage, "--input-type=module", ["-e", invoke], told);
    expect([out, err]).toEqual([expect.stringContaining("OUTCOME succeeded"), expect.not.stringContaining("Error")]);
    expect(stage.leads()).toHaveLength(1);
    expect(out).toContain("LEFT ");
    // Seen red without: loadSecrets; TMPDIR; the folder of a call removed; those of calls that were cut off removed.
    expect(readdirSync(temporary)).toEqual([]);
  });
});
