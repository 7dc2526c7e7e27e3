import { to as copyTo } from "pg-copy-streams";
import type { LeadFilter } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import { copyClient } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { toLeadQuery } from "../leads/lead-query";
import { refuseVisitForKeys } from "../leads/list-leads";
import { filterForHistory } from "../leads/note-reading";
import { findReadingPlace } from "../leads/visit";
import { lineOpener } from "./csv-lines";
import { EXPORT_HEADER, EXPORT_TIME_ZONE } from "./export-columns";
import { copySql, type ExportSetting } from "./export-sql";

/** Longer than any list: an export of a million leads takes tens of seconds, and stops when its reader leaves. */
const EXPORT_TIMEOUT = "15min";

/** A CSV that is made while it is read, and the name to save it under. */
export type LeadExport = { stream: ReadableStream<Uint8Array>; filename: string };

/**
 * Streams every lead of the filter as CSV (RFC 4180, UTF-8, CRLF, header first) straight from COPY under the firm's transaction: memory stays
 * constant, a reader who leaves ends the query. `lead.exported` is recorded before the first byte, `lead.export_finished` with the number of rows
 * after the last. Needs `export:read`.
 */
export async function exportLeads(ctx: Ctx, filter: LeadFilter): Promise<LeadExport> {
  requirePermission(ctx, "export:read");
  refuseVisitForKeys(ctx, filter);
  const exportId = newId();
  const { timeZone, setting } = await inTenant(ctx, async (tx) => {
    const place = await findReadingPlace(tx, ctx);
    const data = { exportId, filter: filterForHistory(ctx, filter), columns: EXPORT_HEADER };
    await recordEvent(tx, ctx, { type: "lead.exported", data });
    return { ...place, setting: settingOf(filter, place.timeZone, place.visitedAt) };
  });
  const stream = await openStream(ctx, filter, setting, exportId);
  return { stream, filename: `arrestra-leads-${localDate(ctx.clock.now(), timeZone)}.csv` };
}

function settingOf(filter: LeadFilter, timeZone: string, visitedAt: Date | null): ExportSetting {
  const { status, county, band, firstSeen, arrested, words } = toLeadQuery(filter, timeZone, visitedAt);
  const dates = {
    seenFrom: firstSeen.from,
    seenTo: firstSeen.to,
    arrestedFrom: arrested.from,
    arrestedTo: arrested.to,
  };
  return { status, county, band, words, ...dates };
}

async function openStream(ctx: Ctx, filter: LeadFilter, setting: ExportSetting, exportId: string) {
  const { client, done } = await copyClient(ctx.tenantId);
  let rows: AsyncIterator<Buffer>;
  try {
    await client.query(
      "SELECT set_config('app.export', $1, true), set_config('statement_timeout', $2, true), set_config('timezone', $3, true)",
      [JSON.stringify(setting), EXPORT_TIMEOUT, EXPORT_TIME_ZONE],
    );
    const copy = client.query(copyTo(copySql(setting, filter.sort, filter.dir === "desc")));
    // A reader who leaves before the first row cuts the connection while nobody listens: without this the process would end.
    copy.on("error", (error) => log.debug("an export was cut off", failureFields(error)));
    rows = copy[Symbol.asyncIterator]();
  } catch (cause) {
    await done(true);
    throw new AppError("unavailable", "The export could not be started. Try again shortly.", { cause });
  }
  const lines = lineOpener(ctx.tenantId);
  const finish = async (complete: boolean) => {
    await done(!complete);
    const data = { exportId, rows: lines.count(), complete };
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "lead.export_finished", data })).catch((error) =>
      log.error("the end of an export could not be recorded", failureFields(error)),
    );
  };
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
