import type { LeadCounty } from "@/lib/core/county";
import { firmOrigin } from "@/lib/core/host";
import type { OffenseClass } from "@/lib/core/offense";
import { Prisma, type Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { userReadsLeads, userSeesLead } from "../../leads/in-scope";
import { openPhone } from "./alert-phone";
import {
  type AlertChannel,
  type AlertProblem,
  CLOCKS_APART_MS,
  LEASE_MS,
  MAX_TRIES,
  NEWS_FOR_MS,
} from "./alert-policy";
import type { ToldLead } from "./alert-words";
import { endAlerts } from "./end-alerts";
import { areTextsUsedUp } from "./texts-of-day";

/** One alert of one message: `tries` counts this one. */
export type ClaimedAlert = { leadId: string; tries: number; since: Date };

/** A message that this process may send now, and nobody else before `lease`. */
export type ClaimedMessage = {
  userId: string;
  channel: AlertChannel;
  to: string;
  /** Where the person's firm is. */
  origin: string;
  alerts: ClaimedAlert[];
  leads: [ToldLead, ...ToldLead[]];
  lease: Date;
};

type Row = {
  leadId: string;
  userId: string;
  channel: AlertChannel;
  tries: number;
  since: Date;
  county: LeadCounty;
  topClass: OffenseClass;
  score: number;
  bailTotalCents: bigint | null;
  bailDenied: number;
  isNew: boolean;
  isTheirs: boolean;
};
type Person = { email: string; slug: string; byMail: boolean; byText: boolean; phoneCipher: string | null };

/** As many leads as one message tells of; what is left over is the next message. */
const AT_ONCE = 500;

/**
 * Takes the alerts that are due of one person and one way, and ends those that nobody is to hear of any more. Null when none is due; `message` is null when nothing
 * is left to say. @see LEASE_MS for what happens to alerts of a process that dies.
 */
export function claimMessage(ctx: Ctx): Promise<{ message: ClaimedMessage | null } | null> {
  return inTenant(ctx, async (tx) => {
    const lease = new Date(ctx.clock.now().getTime() + LEASE_MS);
    const rows = await takeDue(tx, ctx, lease);
    const [first] = rows;
    if (!first) return null;
    const { userId, channel } = first;
    const person = await findPerson(tx, ctx, userId);
    const to = person && addressOf(ctx, person, first);
    const fates = rows.map((row) => ({ row, problem: problemOf(row, person, to, ctx.clock.now()) }));
    const ended = fates.flatMap(({ row, problem }) => (problem ? [{ leadId: row.leadId, problem }] : []));
    await endAlerts(tx, ctx, { userId, channel, lease }, ended);
    const [told, ...more] = fates.flatMap(({ row, problem }) => (problem ? [] : [row]));
    if (!told || !person || !to) return { message: null };
    if (channel === "text" && (await areTextsUsedUp(tx, ctx, { userId, lease }))) {
      const over = [told, ...more].map(({ leadId }) => ({ leadId, problem: "too_many" as const }));
      await endAlerts(tx, ctx, { userId, channel, lease }, over);
      return { message: null };
    }
    return {
      message: {
        userId,
        channel,
        to,
        origin: firmOrigin(person.slug, env().APP_BASE_URL),
        alerts: [told, ...more].map(({ leadId, tries, since }) => ({ leadId, tries, since })),
        leads: [toTold(told), ...more.map(toTold)],
        lease,
      },
    };
  });
}

/** Whoever finds a row locked leaves it: it is on its way already. */
function takeDue(tx: Tx, ctx: Ctx, lease: Date): Promise<Row[]> {
  const now = ctx.clock.now();
  const soon = new Date(now.getTime() + CLOCKS_APART_MS);
  const due = Prisma.sql`tenant_id = ${ctx.tenantId}::uuid
    AND (state = 'waiting' AND due_at <= ${soon} OR state = 'sending' AND due_at <= ${now})`;
  return tx.$queryRaw<Row[]>(Prisma.sql`
    WITH next AS (SELECT user_id, channel FROM lead_alert WHERE ${due} ORDER BY due_at, user_id, channel LIMIT 1 FOR UPDATE SKIP LOCKED),
    mine AS (SELECT lead_id, user_id, channel FROM lead_alert
      WHERE ${due} AND (user_id, channel) IN (SELECT user_id, channel FROM next) ORDER BY lead_id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED),
    taken AS (UPDATE lead_alert a SET state = 'sending', attempts = a.attempts + 1, due_at = ${lease} FROM mine m
      WHERE a.tenant_id = ${ctx.tenantId}::uuid AND a.lead_id = m.lead_id AND a.user_id = m.user_id AND a.channel = m.channel
      RETURNING a.lead_id, a.user_id, a.channel, a.attempts, a.created_at)
    SELECT t.lead_id AS "leadId", t.user_id AS "userId", t.channel, t.attempts AS tries, t.created_at AS since, l.county, l.top_class AS "topClass",
      l.score, l.bail_total_cents AS "bailTotalCents", l.bail_denied AS "bailDenied", l.status = 'new' AND l.withdrawn_at IS NULL AS "isNew",
      ${userSeesLead()} AS "isTheirs"
    FROM taken t JOIN lead l ON l.tenant_id = ${ctx.tenantId}::uuid AND l.id = t.lead_id
    JOIN app_user u ON u.tenant_id = l.tenant_id AND u.id = t.user_id
    ORDER BY l.score DESC, t.lead_id`);
}

/** The person as they are now; null when they may no longer hear of any lead. */
async function findPerson(tx: Tx, { tenantId }: Ctx, userId: string): Promise<Person | null> {
  const [person] = await tx.$queryRaw<Person[]>(Prisma.sql`
    SELECT u.email, t.slug, coalesce(a.by_mail, false) AS "byMail", coalesce(a.by_text, false) AS "byText", a.phone_cipher AS "phoneCipher"
    FROM app_user u JOIN tenant t ON t.id = u.tenant_id LEFT JOIN alert_choice a ON a.tenant_id = u.tenant_id AND a.user_id = u.id
    WHERE u.tenant_id = ${tenantId}::uuid AND u.id = ${userId}::uuid AND ${userReadsLeads()}`);
  return person ?? null;
}

function addressOf(ctx: Ctx, { email, phoneCipher }: Person, { userId, channel }: Row): string | null {
  if (channel === "mail") return email;
  try {
    return phoneCipher && openPhone(ctx, userId, phoneCipher);
  } catch (error) {
    log.error("the phone of a user does not open", { tenantId: ctx.tenantId, ...failureFields(error) });
    return null;
  }
}

function problemOf(row: Row, person: Person | null, to: string | null, now: Date): AlertProblem | null {
  if (!person || !row.isTheirs) return "not_theirs";
  if (!(row.channel === "mail" ? person.byMail : person.byText)) return "not_asked";
  if (!row.isNew) return "not_new";
  if (now.getTime() - row.since.getTime() > NEWS_FOR_MS) return "too_old";
  // Taken more often than it may be tried: whoever had it died each time.
  if (row.tries > MAX_TRIES) return "failed";
  return to ? null : "no_way";
}

const toTold = ({ leadId, county, topClass, score, bailTotalCents, bailDenied }: Row): ToldLead => ({
  id: leadId,
  county,
  topClass,
  score,
  bailTotalCents: bailTotalCents === null ? null : Number(bailTotalCents),
  bailDenied,
});
