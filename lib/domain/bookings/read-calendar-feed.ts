import type { County } from "@/lib/core/county";
import { firmOrigin } from "@/lib/core/host";
import { isId } from "@/lib/core/ids";
import type { OffenseClass } from "@/lib/core/offense";
import type { Role } from "@/lib/core/role";
import { sameSecret, sha256 } from "@/lib/core/secret";
import { Prisma, type Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordThinned } from "../events/record-thinned";
import { openJoinUrl } from "./consultation-row";
import { feedText } from "./feed-text";
import { type ListedRow, listedSql } from "./read-consultations";

const DAY_MS = 86_400_000;
const BACK_DAYS = 30;
const AHEAD_DAYS = 180;
const MOST_SHOWN = 2000;
const READ_EVERY_MS = DAY_MS;

/** Who is who when nobody is: the comparison takes as long for a user who has no address. */
const NOBODY = sha256("nobody");

type Reader = {
  role: Role;
  counties: County[];
  classes: OffenseClass[];
  secretHash: string;
  showsNames: boolean;
  firmName: string;
  slug: string;
};

async function findReader(tx: Tx, { tenantId }: Ctx, userId: string): Promise<Reader | null> {
  const [reader] = await tx.$queryRaw<Reader[]>(Prisma.sql`
    SELECT u.role, u.scope_counties AS counties, u.scope_classes AS classes, f.secret_hash AS "secretHash", f.shows_names AS "showsNames",
      t.name AS "firmName", t.slug
    FROM calendar_feed f JOIN app_user u ON u.tenant_id = f.tenant_id AND u.id = f.user_id JOIN tenant t ON t.id = f.tenant_id
    WHERE f.tenant_id = ${tenantId}::uuid AND f.user_id = ${userId}::uuid AND u.disabled_at IS NULL AND t.status = 'active'`);
  return reader ?? null;
}

/**
 * The consultations of a user's address as an iCalendar text: 30 days back and 180 ahead, of the leads that they may see now; canceled ones too, as canceled.
 * `feed` is what stands in the address, `<user>.<secret>`. Null when it opens nothing: also for a user who was shut out. Names only where they were asked for,
 * and nothing of any charge. Records `consultation.feed_read`, thinned. `ctx` is the firm of the host, not yet anybody's.
 */
export async function readCalendarFeed(ctx: Ctx, feed: string): Promise<string | null> {
  const [userId = "", secret = ""] = feed.split(".");
  if (!isId(userId)) return null;
  const reader = await inTenant(ctx, (tx) => findReader(tx, ctx, userId));
  if (!sameSecret(reader?.secretHash ?? NOBODY, sha256(secret)) || !reader) return null;
  const own = asReader(ctx, userId, reader);
  return inTenant(own, async (tx) => {
    const rows = await tx.$queryRaw<ListedRow[]>(entriesSql(own));
    const where = { tenantId_userId: { tenantId: own.tenantId, userId } };
    await tx.calendarFeed.update({ where, data: { readAt: own.clock.now() }, select: { userId: true } });
    await recordThinned(tx, own, { type: "consultation.feed_read", data: { userId } }, READ_EVERY_MS);
    return feedText(reader.firmName, entriesOf(own, reader, rows));
  });
}

/** The user themselves, with what they may see now. */
function asReader({ tenantId, requestId, clock }: Ctx, id: string, { role, counties, classes }: Reader): Ctx {
  return { tenantId, requestId, clock, actor: { type: "user", id, role, sessionId: "", scope: { counties, classes } } };
}

function entriesSql(ctx: Ctx): Prisma.Sql {
  const now = ctx.clock.now().getTime();
  const from = new Date(now - BACK_DAYS * DAY_MS);
  const to = new Date(now + AHEAD_DAYS * DAY_MS);
  return listedSql(
    ctx,
    Prisma.sql`c.starts_at >= ${from} AND c.starts_at < ${to} ORDER BY c.starts_at, c.id LIMIT ${MOST_SHOWN}`,
  );
}

function entriesOf(ctx: Ctx, { showsNames, slug }: Reader, rows: readonly ListedRow[]) {
  const origin = firmOrigin(slug, env().APP_BASE_URL);
  return rows.map((row) => ({
    ...row,
    joinUrl: openJoinUrl(ctx, row),
    leadName: showsNames ? row.leadName : null,
    leadUrl: `${origin}/leads/${row.leadId}`,
  }));
}
