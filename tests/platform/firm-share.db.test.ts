// One pool serves all firms of a process: what one of them does to itself is not the others' to wait for.
import { expect, it, vi } from "vitest";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { copyClient } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { heldByOwner, makeFirm } from "../setup/firms";

const WAITERS = 40;

// Seen red without: withinShare in lib/platform/db.ts
it("answers one firm while another waits for its own locks with all that it may have", async () => {
  const [flooding, quiet] = [await makeFirm(), await makeFirm()];
  const ctx = flooding.asService();
  const release = await heldByOwner(flooding.id, "SELECT pg_advisory_xact_lock(4711)");
  const waiting = Array.from({ length: WAITERS }, () =>
    inTenant(ctx, (tx) => tx.$executeRaw`SELECT pg_advisory_xact_lock(4711)`).then(
      () => "done",
      (error: { code?: string }) => error.code,
    ),
  );
  // Each of these would wait for a connection, and be refused after two seconds.
  for (let turn = 0; turn < 5; turn += 1) await inTenant(quiet.asService(), (tx) => tx.tenant.findFirstOrThrow());
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["unavailable"]));
  await release();
  expect(await inTenant(ctx, (tx) => tx.tenant.findFirstOrThrow())).toMatchObject({ id: flooding.id });
});

it("takes no second place for a transaction inside a transaction of the firm", async () => {
  const firm = await makeFirm();
  const ctx = firm.asService();
  const both = () => inTenant(ctx, () => inTenant(ctx, async () => "inner"));
  expect(await Promise.all([both(), both()])).toEqual(["inner", "inner"]);
});

// Seen red with: two whole seconds for the connection after those for the turn.
it("answers within three seconds who waited for a turn of the firm, and then for a connection", async () => {
  const [firm, ...others] = [await makeFirm(), await makeFirm(), await makeFirm()];
  const [own, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const share = Math.floor((env().APP_DATABASE_POOL * 2) / 3);
  const began = Array.from({ length: share }, () => Promise.withResolvers<void>());
  const holding = began.map((turn) =>
    inTenant(firm.asService(), () => {
      turn.resolve();
      return own.promise;
    }),
  );
  await Promise.all(began.map((turn) => turn.promise));
  const askedAt = performance.now();
  const last = inTenant(firm.asService(), async () => "done").catch((error: { code: string }) => error.code);
  // Whoever waits for a connection gets those that the firm gives back, before its own next one asks for any.
  const filling = others.flatMap((other) =>
    Array.from({ length: share }, () => inTenant(other.asService(), () => over.promise).catch(() => undefined)),
  );
  setTimeout(own.resolve, 1700);
  expect(await last).toBe("unavailable");
  expect(performance.now() - askedAt).toBeLessThan(3000);
  over.resolve();
  await Promise.all([...holding, ...filling]);
});

// Seen red without: takeTurn in copyClient; with the whole share for copies.
it("leaves connections to other firms, and one to the firm itself, while its exports are read slowly", async () => {
  const [firm, other] = [await makeFirm(), await makeFirm()];
  const asked = await Promise.allSettled(
    Array.from({ length: env().APP_DATABASE_POOL }, () => copyClient(firm.id, null)),
  );
  const copies = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const refused = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(copies.length).toBeGreaterThan(0);
  expect(copies.length).toBeLessThan((env().APP_DATABASE_POOL * 2) / 3);
  for (const reason of refused) expect(reason).toMatchObject({ code: "unavailable" });
  for (const ctx of [firm.asService(), other.asService()])
    expect(await inTenant(ctx, (tx) => tx.tenant.findFirstOrThrow())).toMatchObject({ id: ctx.tenantId });
  for (const { done } of copies) await done(false);
  await (await copyClient(firm.id, null)).done(false);
});

// Seen red without: the release in beginCopy; giveBack in copyClient.
it("gives the connection of an export back that could not begin", async () => {
  const firm = await makeFirm();
  // Postgres takes no text with this in it.
  const isNone = String.fromCharCode(0);
  for (let turn = 0; turn <= env().APP_DATABASE_POOL; turn += 1)
    await expect(copyClient(isNone, null)).rejects.not.toMatchObject({ code: "unavailable" });
  await (await copyClient(firm.id, null)).done(false);
});

// Seen red without: arrestraShares.
it("is one share for a process that has loaded it twice, as its pool is one", async () => {
  const first = await import("@/lib/platform/firm-share");
  vi.resetModules();
  const second = await import("@/lib/platform/firm-share");
  const turn = { atOnce: 1, maxWaitMs: 10 };
  const giveBack = await first.takeTurn("a firm", turn);
  expect(await second.takeTurn("a firm", turn)).toBeNull();
  giveBack?.();
  giveBack?.();
  expect(await second.withinShare("a firm", turn, async () => first.takeTurn("a firm", turn))).toEqual({
    result: null,
  });
});
