import type { ConnectorName } from "@/lib/core/connectors";
import { VendorError } from "@/lib/core/errors";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { Access } from "./access";
import { isRightMissing, markBroken, noteOk, noteProblem, problemOf } from "./connection-health";
import { asHouse, notConnected } from "./connections";
import { type LoadedAccess, loadAccess, toAccess } from "./load-access";
import { renewAccess } from "./renew-access";

/** A token that ends sooner than this is renewed before it is used: it would end on the way. */
const RENEW_BEFORE_MS = 60_000;

type Usable = LoadedAccess & { held: string };

/**
 * Calls a service for the firm. A token that is about to end is renewed first; when the service refuses one (401) it is renewed once and the call made once more,
 * and if that is refused too, or there is nothing to renew, the connection is broken. Good answers and failures are noted on the connection. `call` may be made
 * twice, so it makes one request that was refused as a whole. Never inside a transaction.
 * @throws AppError `not_configured` when the service is not connected or the connection is broken; VendorError
 */
export async function withAccess<T>(
  ctx: Ctx,
  provider: ConnectorName,
  call: (access: Access) => Promise<T>,
): Promise<T> {
  if (ctx.tx) throw new Error("A service is never asked inside a transaction.");
  const first = await currentAccess(ctx, provider);
  try {
    return await tried(ctx, first, call);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    if (first.row.mode === "api_key" || isRightMissing(error)) return refuse(ctx, first, error);
    const second = usable(provider, await renewAccess(ctx, provider, first.held));
    try {
      return await tried(ctx, second, call);
    } catch (again) {
      if (!isUnauthorized(again)) throw again;
      return refuse(ctx, second, again);
    }
  }
}

async function currentAccess(ctx: Ctx, provider: ConnectorName): Promise<Usable> {
  const house = asHouse(ctx);
  const loaded = await inTenant(house, (tx) => loadAccess(tx, house, provider));
  if (loaded?.row.state !== "connected") throw notConnected(provider);
  const { row, held } = loaded;
  const endsAt = row.accessExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (held !== null && endsAt - ctx.clock.now().getTime() > RENEW_BEFORE_MS) return { row, held };
  if (row.mode === "api_key") throw notConnected(provider);
  return usable(provider, await renewAccess(ctx, provider, held));
}

function usable(provider: ConnectorName, { row, held }: LoadedAccess): Usable {
  if (held === null) throw notConnected(provider);
  return { row, held };
}

/** One try, and what it says of the connection. */
async function tried<T>(ctx: Ctx, loaded: Usable, call: (access: Access) => Promise<T>): Promise<T> {
  try {
    const result = await call(toAccess(loaded));
    await noted(() => noteOk(ctx, loaded.row));
    return result;
  } catch (error) {
    const problem = problemOf(error);
    if (problem && !isUnauthorized(error)) await noted(() => noteProblem(ctx, loaded.row, problem));
    throw error;
  }
}

/** What was fetched or written counts, also when its note cannot be made. */
async function noted(note: () => Promise<void>): Promise<void> {
  await note().catch((error: unknown) => log.warn("the health of a connection was not noted", failureFields(error)));
}

async function refuse(ctx: Ctx, { row }: Usable, error: unknown): Promise<never> {
  const house = asHouse(ctx);
  await inTenant(house, (tx) => markBroken(tx, house, row, isRightMissing(error) ? "refused" : "revoked"));
  throw notConnected(row.provider, error);
}

const isUnauthorized = (error: unknown): boolean => error instanceof VendorError && error.status === 401;

/** Notes what the other side says is left of its quota. */
export async function noteQuota(ctx: Ctx, connectionId: string, left: number): Promise<void> {
  const house = asHouse(ctx);
  const data = { quotaLeft: BigInt(Math.max(0, Math.trunc(left))), quotaAt: ctx.clock.now() };
  await inTenant(house, (tx) =>
    tx.connection.updateMany({ where: { tenantId: ctx.tenantId, id: connectionId }, data }),
  );
}
