// One pool serves all firms of a process: what one of them does to itself is not the others' to wait for.
import { expect, it } from "vitest";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { asOwner, makeFirm } from "../setup/firms";

const WAITERS = 40;

// Seen red without: withinShare in lib/platform/db.ts
it("answers one firm while another waits for its own locks with all that it may have", async () => {
  const [flooding, quiet] = [await makeFirm(), await makeFirm()];
  const ctx = flooding.asService();
  const locked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const held = asOwner(flooding.id, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(4711)");
    locked.resolve();
    await over.promise;
  });
  await locked.promise;
  const waiting = Array.from({ length: WAITERS }, () =>
    inTenant(ctx, (tx) => tx.$executeRaw`SELECT pg_advisory_xact_lock(4711)`).then(
      () => "done",
      (error: { code?: string }) => error.code,
    ),
  );
  // Each of these would wait for a connection, and be refused after two seconds.
  for (let turn = 0; turn < 5; turn += 1) await inTenant(quiet.asService(), (tx) => tx.tenant.findFirstOrThrow());
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["unavailable"]));
  over.resolve();
  await held;
  expect(await inTenant(ctx, (tx) => tx.tenant.findFirstOrThrow())).toMatchObject({ id: flooding.id });
});

it("takes no second place for a transaction inside a transaction of the firm", async () => {
  const firm = await makeFirm();
  const ctx = firm.asService();
  const both = () => inTenant(ctx, () => inTenant(ctx, async () => "inner"));
  expect(await Promise.all([both(), both()])).toEqual(["inner", "inner"]);
});
