import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  type CreateLogStreamCommandInput,
  PutLogEventsCommand,
  type PutLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { streamEvents } from "@/lib/domain/events/stream-events";
import type { AuditLine, AuditLog } from "@/lib/platform/audit-log";
import { AuditLinesRejected, cloudWatchAuditLog } from "@/lib/platform/cloudwatch-audit-log";
import { closeDatabase } from "@/lib/platform/db";
import { folderAuditLog } from "@/lib/platform/folder-audit-log";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { record, sealsOf, sealUntil } from "./chain";

const STREAM = process.env.AUDIT_STREAM_DIR ?? "";
const clock = fixedClock("2026-11-22T12:00:00Z");
const folder = mkdtempSync(path.join(tmpdir(), "arrestra-audit-log-"));
const logs = mockClient(CloudWatchLogsClient);

/** What CloudWatch holds a call to, as its reference states it. */
const streams = new Map<string, AuditLine[]>();
function put({ logStreamName = "", logEvents = [] }: PutLogEventsCommandInput) {
  const kept = streams.get(logStreamName);
  if (!kept) throw Object.assign(new Error("no such stream"), { name: "ResourceNotFoundException" });
  const bytes = logEvents.reduce((sum, { message = "" }) => sum + Buffer.byteLength(message) + 26, 0);
  const times = logEvents.map(({ timestamp = 0 }) => timestamp);
  if (logEvents.length === 0 || logEvents.length > 10_000 || bytes > 1_048_576) throw new RangeError("too large");
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0))) throw new RangeError("out of order");
  kept.push(...logEvents.map(({ message = "" }) => JSON.parse(message) as AuditLine));
  return {};
}
const make = ({ logStreamName = "" }: CreateLogStreamCommandInput) => {
  if (streams.has(logStreamName))
    throw Object.assign(new Error("is there"), { name: "ResourceAlreadyExistsException" });
  streams.set(logStreamName, []);
  return {};
};

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
  streams.clear();
  logs.reset();
  logs.on(CreateLogStreamCommand).callsFake(make);
  logs.on(PutLogEventsCommand).callsFake(put);
});
afterAll(async () => {
  await closeDatabase();
  for (const each of [folder, STREAM]) rmSync(each, { recursive: true, force: true });
});

const linesUnder = (where: string): AuditLine[] =>
  readdirSync(where)
    .sort()
    .flatMap((name) => readFileSync(path.join(where, name), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as AuditLine);
const lineOf = (sequence: number, actorId = newId()): AuditLine => ({
  tenantId: newId(),
  sequence,
  eventId: newId(),
  type: "lead.rescored",
  actorType: "job",
  actorId,
  leadId: null,
  requestId: newId(),
  occurredAt: "2026-11-01T00:00:00.000Z",
  hash: "0".repeat(64),
});

const KINDS: [string, () => AuditLog, () => AuditLine[]][] = [
  ["in a folder", () => folderAuditLog(folder, clock), () => linesUnder(folder)],
  ["in a log group", () => cloudWatchAuditLog("arrestra-audit", clock), () => [...streams.values()].flat()],
];

describe.each(KINDS)("an audit log %s", (_, open, read) => {
  // Seen red without: the limits of a batch.
  it("keeps every line in its order, however many come at once and however long they are", async () => {
    const log = open();
    await log.write([]);
    const lines = [
      ...Array.from({ length: 10_050 }, (_, index) => lineOf(index + 1)),
      ...Array.from({ length: 30 }, (_, index) => lineOf(20_000 + index, "x".repeat(100_000))),
    ];
    await log.write(lines);
    await log.write([lineOf(30_000)]);
    const kept = read().map(({ sequence }) => sequence);
    expect(kept).toEqual([...lines.map(({ sequence }) => sequence), 30_000]);
  });

  it("keeps the lines of two that write at once, both whole", async () => {
    const before = read().length;
    const both = [open(), open()];
    await Promise.all(both.map((log, at) => log.write(Array.from({ length: 500 }, (_, i) => lineOf(at * 1000 + i)))));
    const after = read().slice(before);
    expect(after).toHaveLength(1000);
    expect(new Set(after.map(({ sequence }) => sequence)).size).toBe(1000);
  });
});

// Seen red without: the look at rejectedLogEventsInfo.
it("takes lines that CloudWatch accepted and did not keep for not written", async () => {
  logs.on(PutLogEventsCommand).resolves({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: 0 } });
  await expect(cloudWatchAuditLog("arrestra-audit", clock).write([lineOf(1)])).rejects.toThrow(AuditLinesRejected);
});

it("writes into a stream of its own for each process and day", async () => {
  let now = clock.now();
  const log = cloudWatchAuditLog("arrestra-audit", { now: () => now });
  await log.write([lineOf(1)]);
  await log.write([lineOf(2)]);
  now = new Date(now.getTime() + 86_400_000);
  await log.write([lineOf(3)]);
  await cloudWatchAuditLog("arrestra-audit", clock).write([lineOf(4)]);
  const names = [...streams.keys()];
  expect(names.map((name) => name.slice(0, 10))).toEqual(["2026-11-22", "2026-11-23", "2026-11-22"]);
  expect(new Set(names).size).toBe(3);
});

describe("the stream of a firm's sealed events", () => {
  const mine = () => linesUnder(STREAM).filter((line) => line.tenantId === firm.id);
  const position = () =>
    asOwner(
      firm.id,
      async (client) => (await client.query("SELECT sequence::int FROM audit_stream")).rows[0]?.sequence,
    );

  it("says who did what when and its link of the chain, and nothing of what was in it", async () => {
    await record(firm, 3);
    const seals = await sealUntil(firm, 3);
    expect(await streamEvents(firm.asService())).toBe(3);
    expect(await streamEvents(firm.asService())).toBe(0);
    const lines = mine();
    expect(lines.map(({ sequence, hash, eventId }) => [sequence, hash, eventId])).toEqual(
      seals.map(({ sequence, hash, event_id }) => [sequence, hash, event_id]),
    );
    const [event] = await eventsOf(firm);
    expect(lines[0]).toMatchObject({ type: "lead.rescored", actorType: "service", actorId: event?.actor_id });
    const words = ["actorId", "actorType", "eventId", "hash", "leadId", "occurredAt", "requestId", "sequence"];
    // Seen red with: data among the columns.
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual([...words, "tenantId", "type"]);
    expect(await position()).toBe(3);
  });

  // Seen red without: the condition on where the portion began in movePosition.
  it("leaves none out and ends at the end, with several that write at once", async () => {
    await record(firm, 40);
    await sealUntil(firm, 40);
    await Promise.all(Array.from({ length: 3 }, () => streamEvents(firm.asService())));
    await record(firm, 5);
    await sealUntil(firm, 45);
    await Promise.all([streamEvents(firm.asService()), streamEvents(firm.asService())]);
    const seen = new Set(mine().map(({ sequence }) => sequence));
    expect([...seen].sort((a, b) => a - b)).toEqual((await sealsOf(firm)).map(({ sequence }) => sequence));
    expect(await position()).toBe(45);
    expect(await streamEvents(firm.asService())).toBe(0);
  });

  // Seen red with: the position moved before the writing.
  it("stays where it is when the log cannot be written, and goes on from there", async () => {
    await record(firm, 2);
    await sealUntil(firm, 2);
    await streamEvents(firm.asService());
    await record(firm, 2);
    await sealUntil(firm, 4);
    // A file where the folder was.
    renameSync(STREAM, `${STREAM}-away`);
    writeFileSync(STREAM, "");
    try {
      await expect(streamEvents(firm.asService())).rejects.toThrow();
    } finally {
      rmSync(STREAM);
      renameSync(`${STREAM}-away`, STREAM);
    }
    expect(await position()).toBe(2);
    expect(await streamEvents(firm.asService())).toBe(2);
    expect(mine().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });
});
