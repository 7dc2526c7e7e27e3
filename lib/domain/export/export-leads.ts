import { to as copyTo } from "pg-copy-streams";
import type { LeadFilter } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import { takePlace } from "@/lib/platform/at-once";
import { copyClient, type Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { scopeOf } from "../context/member-scope";
import { requirePermission } from "../context/permissions";
import { hasFreshFactor, requireFreshFactor } from "../context/step-up";
import { recordEvent } from "../events/record-events";
import { countSql, type LeadQuery, toLeadQuery } from "../leads/lead-query";
import { refuseVisitForKeys } from "../leads/list-leads";
import { filterForHistory } from "../leads/note-reading";
import { findReadingPlace } from "../leads/visit";
import { lineOpener } from "./csv-lines";
import { EXPORT_HEADER, EXPORT_TIME_ZONE } from "./export-columns";
import { copySql, type ExportSetting } from "./export-sql";

/** Longer than any list: an export of a million leads takes tens of seconds, and stops when its reader leaves. */
const EXPORT_TIMEOUT = "15min";

/** A person who takes away more leads than this shows the second factor for it. */
const ROWS_WITHOUT_FACTOR = 1000;

/** A CSV that is made while it is read, and the name to save it under. */
export type LeadExport = { stream: ReadableStream<Uint8Array>; filename: string };

/**
 * Streams every lead of the filter as CSV (RFC 4180, UTF-8, CRLF, header first) straight from COPY under the firm's transaction: memory stays
 * constant, a reader who leaves ends the query. `lead.exported` is recorded before the first byte, `lead.export_finished` with the number of rows
 * after the last. A limited member's holds their leads only. Needs `export:read`.
 * @throws AppError `mfa_required` when a person asks for more than 1,000 leads without a fresh factor, `rate_limited` when the firm has as many exports under
 *   way as it may.
 */
export async function exportLeads(ctx: Ctx, filter: LeadFilter): Promise<LeadExport> {
  requirePermission(ctx, "export:read");
  refuseVisitForKeys(ctx, filter);
  const exportId = newId();
  const { timeZone, setting } = await inTenant(ctx, async (tx) => {
    const place = await findReadingPlace(tx, ctx);
    const query = toLeadQuery(filter, place);
    await requireFactorForMany(tx, ctx, query);
    const data = { exportId, filter: filterForHistory(ctx, filter), columns: EXPORT_HEADER };
    await recordEvent(tx, ctx, { type: "lead.exported", data });
    return { ...place, setting: settingOf(query) };
  });
  const stream = await openStream(ctx, filter, setting, exportId);
  return { stream, filename: `arrestra-leads-${localDate(ctx.clock.now(), timeZone)}.csv` };
}

/** Counts only when the answer matters, and no further. Keys have no factor and are not asked. */
async function requireFactorForMany(tx: Tx, ctx: Ctx, query: LeadQuery): Promise<void> {
  if (hasFreshFactor(ctx)) return;
  const bands = await tx.$queryRaw<{ n: number }[]>(countSql(ctx.tenantId, query, ROWS_WITHOUT_FACTOR + 1));
  if (bands.reduce((sum, { n }) => sum + n, 0) > ROWS_WITHOUT_FACTOR) requireFreshFactor(ctx);
}

function settingOf({ status, county, band, topClass, firstSeen, arrested, words }: LeadQuery): ExportSetting {
  const dates = {
    seenFrom: firstSeen.from,
    seenTo: firstSeen.to,
    arrestedFrom: arrested.from,
    arrestedTo: arrested.to,
  };
  return { status, county, band, topClass, words, ...dates };
}

async function openStream(ctx: Ctx, filter: LeadFilter, setting: ExportSetting, exportId: string) {
  const { client, done } = await copyClient(ctx.tenantId, scopeOf(ctx));
  const lines = lineOpener(ctx.tenantId);
  const finish = async (complete: boolean, isCutOff = !complete) => {
    await done(isCutOff);
    const data = { exportId, rows: lines.count(), complete };
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "lead.export_finished", data })).catch((error) =>
      log.error("the end of an export could not be recorded", failureFields(error)),
    );
  };
  let rows: AsyncIterator<Buffer>;
  try {
    await takePlace(client, "lead-export.firm", ctx.tenantId);
    await client.query(
      "SELECT set_config('app.export', $1, true), set_config('statement_timeout', $2, true), set_config('timezone', $3, true)",
      [JSON.stringify(setting), EXPORT_TIMEOUT, EXPORT_TIME_ZONE],
    );
    const copy = client.query(copyTo(copySql(setting, filter.sort, filter.dir === "desc")));
    // A reader who leaves before the first row cuts the connection while nobody listens: without this the process would end.
    copy.on("error", (error) => log.debug("an export was cut off", failureFields(error)));
    rows = copy[Symbol.asyncIterator]();
  } catch (cause) {
    const isRefused = cause instanceof AppError;
    await finish(false, !isRefused);
    if (isRefused) throw cause;
    throw new AppError("unavailable", "The export could not be started. Try again shortly.", { cause });
  }
  let headerSent = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!headerSent) {
        headerSent = true;
        controller.enqueue(Buffer.from(`${EXPORT_HEADER.join(",")}\r\n`));
        return;
      }
      try {
        for (;;) {
          const { value, done: ended } = await rows.next();
          if (ended) {
            await finish(true);
            controller.close();
            return;
          }
          const block = lines.push(value);
          if (block) {
            controller.enqueue(block);
            return;
          }
        }
      } catch (error) {
        log.error("an export broke off", failureFields(error));
        await finish(false);
        controller.error(error);
      }
    },
    async cancel() {
      await finish(false);
    },
  });
}
