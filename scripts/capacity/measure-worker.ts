import { setTimeout as pause } from "node:timers/promises";
import type { ScheduleName } from "@/lib/contracts/jobs";
import { fixedClock } from "@/lib/core/clock";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { type Bench, type Cost, costOf, diskBytes, unit } from "./measure";
import { runsADay } from "./runs-a-day";
import type { ScheduleCost } from "./units";

const MINUTE_MS = 60_000;

/** What a job runner does, in this process and by the same code. */
export async function measureWorker(bench: Bench, firm: TestFirm) {
  const { runForAllFirms } = await import("@/lib/jobs/handlers");
  const { SCHEDULES } = await import("@/lib/jobs/schedules");
  const { admin, say } = bench;
  const lookUps = await measureLookUps(bench, firm);
  say("look-ups");
  const chain = await measureChain(bench, firm);
  say("sealing, signing and verifying");
  const firms = Number((await admin.query("SELECT count(*)::int AS n FROM tenant")).rows[0]?.n);
  const schedules: Record<string, ScheduleCost> = {};
  for (const [name, { cron }] of Object.entries(SCHEDULES)) {
    // What is due is done first; then nothing is.
    await runForAllFirms(name as ScheduleName);
    const { wallMs, ...rest } = await costOf(bench, process.pid, firms, () => runForAllFirms(name as ScheduleName));
    schedules[name] = { ...rest, wallMs, runsADay: runsADay(cron) };
    say(`schedule ${name}`);
  }
  const runnerSecond = await measureRunner(bench);
  say("a job runner that finds nothing");
  const events = Number((await admin.query("SELECT count(*)::int AS n FROM event_seal")).rows[0]?.n);
  const eventDiskBytes = (await diskBytes(admin, ["event", "event_seal"])) / events;
  const { seal, sealTurn, sealLook, signHead, verifyEvent, verifyHead } = chain;
  return {
    schedules,
    eventDiskBytes,
    wallMs: {
      sealTurn: sealTurn.wallMs,
      sealLook: sealLook.wallMs,
      verifyEvent: verifyEvent.wallMs,
      verifyHead: verifyHead.wallMs,
    },
    units: {
      lookUp: unit(lookUps),
      seal: unit(seal),
      sealTurn: unit(sealTurn),
      sealLook: unit(sealLook),
      signHead: unit(signHead),
      verifyEvent: unit(verifyEvent),
      verifyHead: unit(verifyHead),
      runnerSecond: unit(runnerSecond),
    },
  };
}

async function measureLookUps(bench: Bench, firm: TestFirm): Promise<Cost> {
  const { addContact } = await import("@/lib/domain/enrichment/contacts");
  const { lookUp } = await import("@/lib/domain/enrichment/look-up");
  const { jobCtx } = await import("@/lib/jobs/job-ctx");
  const { admin, counts, say } = bench;
  const first = Math.ceil(counts.lookUps / 10);
  const leads = await admin.query<{ id: string }>(
    "SELECT id FROM lead WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2",
    [firm.id, counts.lookUps + first],
  );
  for (const [turn, { id }] of leads.rows.entries()) {
    const value = `+1512555${String(1000 + turn)}`;
    const basis = "person_contacted_firm" as const;
    await addContact(firm.asUser(), id, { kind: "phone", value, givenBy: "client", basis, check: true });
  }
  say("contacts added");
  const { rows } = await admin.query<{ id: string }>(
    "SELECT id FROM enrichment WHERE tenant_id = $1 AND state = 'pending' ORDER BY id",
    [firm.id],
  );
  const ids = rows.map(({ id }) => id);
  const ask = (some: string[]) => lookUp(jobCtx(firm.id, "enrichment.lookup"), some);
  await ask(ids.slice(0, first));
  say("first look-ups");
  const cost = await costOf(bench, process.pid, ids.length - first, async () => {
    for (let at = first; at < ids.length; at += 50) await ask(ids.slice(at, at + 50));
  });
  const left = await admin.query("SELECT 1 FROM enrichment WHERE id = ANY ($1) AND state = 'pending'", [ids]);
  if (left.rowCount) throw new Error(`${left.rowCount} look-ups of ${ids.length} were put off`);
  return cost;
}

/** Sealing what came up to now, single events, the question for all firms, a head after each of some events, and then the whole chain. */
async function measureChain(bench: Bench, firm: TestFirm) {
  const { inTenant } = await import("@/lib/domain/context/in-tenant");
  const { recordEvents } = await import("@/lib/domain/events/record-events");
  const { sealEvents } = await import("@/lib/domain/events/seal-events");
  const { signHead } = await import("@/lib/domain/events/sign-head");
  const { listUnsealedFirms } = await import("@/lib/domain/events/unsealed-firms");
  const { verifyChain } = await import("@/lib/domain/events/verify-chain");
  const { storedHeads } = await import("@/lib/domain/events/audit-heads");
  const { jobCtx } = await import("@/lib/jobs/job-ctx");
  const { newId } = await import("@/lib/core/ids");
  const { counts } = bench;
  const cost = (count: number, work: () => Promise<unknown>) => costOf(bench, process.pid, count, work);
  const ctxAt = (turn: number) =>
    jobCtx(firm.id, "seal-events", fixedClock(new Date(Date.now() - (counts.turns - turn) * MINUTE_MS)));
  const sealAll = async () => {
    let sealed = 0;
    for (let count = 1; count > 0; sealed += count) count = await sealEvents(jobCtx(firm.id, "seal-events"));
    return sealed;
  };
  const record = (turn: number) =>
    inTenant(ctxAt(turn), (tx) =>
      recordEvents(tx, ctxAt(turn), [
        { type: "lead.rescored", leadId: newId(), data: { from: turn, to: turn + 1, band: "warm" } },
      ]),
    );
  let sealed = 0;
  const sealing = await cost(1, async () => {
    sealed = await sealAll();
  });
  const seal = share(sealing, sealed);
  const recording = await cost(counts.turns, async () => {
    for (let turn = 0; turn < counts.turns; turn += 1) await record(turn);
  });
  await sealAll();
  const both = await cost(counts.turns, async () => {
    for (let turn = 0; turn < counts.turns; turn += 1) {
      await record(turn);
      await sealEvents(ctxAt(turn));
    }
  });
  await sealAll();
  await signHead(ctxAt(0));
  const three = await cost(counts.turns, async () => {
    for (let turn = 0; turn < counts.turns; turn += 1) {
      await record(turn);
      await sealEvents(ctxAt(turn));
      await signHead(ctxAt(turn));
    }
  });
  await sealAll();
  const idle = [firm.id];
  for (let made = 0; made < counts.idleFirms; made += 1) idle.push((await makeFirm()).id);
  const all = Array.from({ length: 50 }, () => idle).flat();
  await listUnsealedFirms(all);
  const looking = await cost(counts.looks * all.length, async () => {
    for (let look = 0; look < counts.looks; look += 1) await listUnsealedFirms(all);
  });
  const ctx = jobCtx(firm.id, "audit.verify");
  let events = 0;
  const walking = await cost(1, async () => {
    const report = await verifyChain(ctx);
    if (!report.intact) throw new Error(`the chain that was measured is broken: ${report.problem}`);
    events = report.sealed;
  });
  let heads = 0;
  const reading = await cost(1, async () => {
    for await (const head of storedHeads(ctx.tenantId)) heads += head.isForged ? 0 : 1;
  });
  if (heads < counts.turns) throw new Error(`${heads} heads were signed of ${counts.turns} that were due`);
  return {
    seal,
    sealTurn: without(both, recording),
    signHead: without(three, both),
    sealLook: looking,
    verifyEvent: share(walking, events),
    verifyHead: share(reading, heads),
  };
}

/** A second of the job runner itself, when it has done what waited. */
async function measureRunner(bench: Bench): Promise<Cost> {
  const { startJobs } = await import("@/lib/jobs/start-jobs");
  const { admin, counts } = bench;
  const runner = await startJobs();
  try {
    const waiting = async () =>
      (await admin.query("SELECT 1 FROM pgboss.job WHERE state < 'completed' AND start_after <= now() LIMIT 1"))
        .rowCount;
    while (await waiting()) await pause(200);
    return await costOf(bench, process.pid, counts.idleSeconds, () => pause(counts.idleSeconds * 1000));
  } finally {
    await runner.stop(5_000);
  }
}

const map = (of: (part: keyof Cost) => number): Cost => ({
  processMs: of("processMs"),
  databaseMs: of("databaseMs"),
  walBytes: of("walBytes"),
  wallMs: of("wallMs"),
});
const share = (whole: Cost, count: number): Cost => map((part) => whole[part] / count);
/** CPU is counted in hundredths of a second: what is too small to see beside what is taken off is nothing. */
const without = (whole: Cost, other: Cost): Cost => map((part) => Math.max(0, whole[part] - other[part]));
