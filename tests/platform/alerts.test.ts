import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { VendorError } from "@/lib/core/errors";
import { type AlertPost, guarded } from "@/lib/platform/alerts";
import { awsAlerts } from "@/lib/platform/alerts-aws";
import { sandboxAlerts } from "@/lib/platform/alerts-sandbox";
import { log } from "@/lib/platform/log";
import { writeCounts } from "@/lib/platform/metrics";
import type { Fault } from "@/sandbox/http/faults";
import { startSandbox } from "@/sandbox/server";

const sandbox = await startSandbox({ env: "test" });
// The SDK reads these by itself: it speaks to the sandbox as it would to SES and SNS.
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SESV2: sandbox.mail.url,
  AWS_ENDPOINT_URL_SNS: sandbox.texts.url,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "sandbox",
  AWS_SECRET_ACCESS_KEY: "sandbox",
});
const warned: object[] = [];
const written: string[] = [];
beforeEach(() => {
  sandbox.reset();
  warned.length = 0;
  vi.spyOn(log, "warn").mockImplementation((message, fields) => void warned.push({ message, ...fields }));
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  writeCounts();
  written.length = 0;
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => sandbox.close());

const FROM = "alerts@arrestra.example";
const letter = {
  to: "dana@smithlaw.example",
  subject: "New HOT lead: Travis County",
  text: "Look: https://smithlaw.localhost/leads/1",
  html: '<p>Look: <a href="https://smithlaw.localhost/leads/1">lead</a> é</p>',
};
const text = { to: "+15125550142", text: "Arrestra: new HOT lead" };

const WAYS: Record<string, (timeoutMs?: number) => AlertPost> = {
  "at the sandbox": (timeoutMs) => guarded(sandboxAlerts(sandbox.url, timeoutMs ? { timeoutMs } : {})),
  "at SES and SNS": (timeoutMs) => guarded(awsAlerts(FROM, timeoutMs ? { timeoutMs } : {})),
};

describe.each(Object.entries(WAYS))("alerts %s", (way, make) => {
  const post = make();
  const SERVICES = [
    ["mail", () => post.mail(letter), sandbox.mail],
    ["texts", () => post.text(text), sandbox.texts],
  ] as const;

  it("hands a letter and a text in as they are, and gives the ids that they got", async () => {
    const mailed = await post.mail(letter);
    expect(sandbox.mail.box.list()).toMatchObject([{ ...letter, ...mailed }]);
    if (way === "at SES and SNS") expect(sandbox.mail.box.list()[0]?.from).toBe(FROM);
    const texted = await post.text(text);
    expect(sandbox.texts.box.list()).toMatchObject([{ ...text, ...texted }]);
    expect(mailed.messageId).not.toBe(texted.messageId);
  });

  const FAILURES: readonly (readonly [string, Fault, { kind: string; retryAfterMs?: number }])[] = [
    [
      "says too many, and when again",
      { kind: "throttle", retryAfterSeconds: 7 },
      { kind: "throttled", retryAfterMs: 7000 },
    ],
    ["says too many", { kind: "throttle" }, { kind: "throttled" }],
    ["is down", { kind: "unavailable", retryAfterSeconds: 3 }, { kind: "unavailable", retryAfterMs: 3000 }],
    ["fails", { kind: "error" }, { kind: "unavailable" }],
    ["refuses", { kind: "forbidden" }, { kind: "rejected" }],
    ["cuts the connection", { kind: "reset" }, { kind: "unavailable" }],
    ["answers with no answer", { kind: "garbage" }, { kind: "garbled" }],
  ];
  for (const [vendor, send, { faults, box }] of SERVICES) {
    // Seen red without vendorCall around the calls of SES and SNS; with maxAttempts as the SDK has it (three requests), and with what the service says as the error's cause (it quotes the address).
    it.each(FAILURES)(
      `names it when ${vendor} %s, asks once, says so in log and numbers, and tells nobody whom or what about`,
      async (_, fault, expected) => {
        faults.add(fault);
        const before = sandbox.log.totals(vendor).requests;
        const error = await send().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(VendorError);
        expect(error).toMatchObject({ vendor, retryAfterMs: undefined, ...expected });
        expect(sandbox.log.totals(vendor).requests - before).toBe(1);
        // Of the sandbox we read the words of an answer after the call, which went well.
        if (way !== "at the sandbox" || expected.kind !== "garbled") {
          expect(warned).toMatchObject([{ message: "a vendor failed", provider: vendor, kind: expected.kind }]);
          writeCounts();
          expect(JSON.parse(written.join(""))).toMatchObject({ VendorFailures: 1 });
        }
        expect(everythingOf(error)).not.toMatch(/smithlaw|5550142|HOT/);
        expect(box.list()).toEqual([]);
      },
    );
  }

  it("waits no longer than its deadline", async () => {
    const hasty = make(200);
    for (const { faults } of [sandbox.mail, sandbox.texts]) faults.add({ kind: "slow", delayMs: 5000 });
    await expect(hasty.mail(letter)).rejects.toMatchObject({ kind: "timeout" });
    await expect(hasty.text(text)).rejects.toMatchObject({ kind: "timeout" });
  });

  // Seen red without the checks of guarded.
  it.each([
    { ...letter, to: "dana@smithlaw.example\r\nBcc: all@elsewhere.example" },
    { ...letter, to: "Dana <dana@smithlaw.example>" },
    { ...letter, to: "dana@smithlaw.example, other@elsewhere.example" },
    { ...letter, subject: "New lead\r\nBcc: all@elsewhere.example" },
  ])("asks nobody for what would say more in a header than was meant: %j", async (message) => {
    await expect(post.mail(message)).rejects.toMatchObject({ kind: "rejected" });
    await expect(post.text({ ...text, to: "512 555 0142" })).rejects.toMatchObject({ kind: "rejected" });
    expect(sandbox.log.totals("mail").requests + sandbox.log.totals("texts").requests).toBe(0);
  });
});

/** All that a log or a report could take from an error: its words, its fields, and those of its causes. */
const everythingOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.message} ${JSON.stringify({ ...error })} ${error.stack} ${everythingOf(error.cause)}`
    : JSON.stringify(error ?? null);

it("shows people what came, with its links, and no markup of anybody's", async () => {
  const post = sandboxAlerts(sandbox.url);
  await post.mail({ ...letter, subject: "<script>alert(1)</script>" });
  await post.text({ ...text, text: "See https://smithlaw.localhost:3000/leads/1." });
  const mail = await (await fetch(`${sandbox.url}/mail`)).text();
  expect(mail).toContain('<a href="https://smithlaw.localhost/leads/1">');
  expect(mail).not.toContain("<script>");
  const texts = await (await fetch(`${sandbox.url}/texts`)).text();
  expect(texts).toContain('<a href="https://smithlaw.localhost:3000/leads/1">');
  const asked = await fetch(`${sandbox.url}/control/texts/messages`);
  expect(await asked.json()).toMatchObject([{ to: text.to }]);
});
