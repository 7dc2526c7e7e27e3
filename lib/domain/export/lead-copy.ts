import { to as copyTo } from "pg-copy-streams";
import type { LeadFilter } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { type AtOnceName, takePlace } from "@/lib/platform/at-once";
import { copyClient } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx, LeadScope } from "../context/ctx";
import type { LeadQuery } from "../leads/lead-query";
import { lineOpener } from "./csv-lines";
import { EXPORT_HEADER, EXPORT_TIME_ZONE } from "./export-columns";
import { copySql, type ExportSetting } from "./export-sql";

/** Longer than any list: an export of a million leads takes tens of seconds, and stops when its reader leaves. */
const EXPORT_TIMEOUT = "15min";

type LeadCopyOptions = {
  filter: LeadFilter;
  query: LeadQuery;
  /** The leads that the copy may reach; the policies hold it too. */
  scope: LeadScope | null;
  /** One of the firm's places, for what holds a connection as long as somebody reads. */
  place?: AtOnceName;
};

/** A COPY under way. `next` gives whole lines of the CSV, the header first, and null at the end; `close` gives its connection back. */
export type LeadCopy = {
  next(): Promise<Buffer | null>;
  /** The leads so far, without the header. */
  count(): number;
  close(isCutOff: boolean): Promise<void>;
};

/**
 * Begins to read every lead of a query as CSV (RFC 4180, UTF-8, CRLF, header first) straight from COPY under the firm's transaction: memory stays constant.
 * @throws AppError `rate_limited` when the firm has no place left, `unavailable` when the database does not begin.
 */
export async function openLeadCopy(ctx: Ctx, { filter, query, scope, place }: LeadCopyOptions): Promise<LeadCopy> {
  const { client, done } = await copyClient(ctx.tenantId, scope);
  const lines = lineOpener(ctx.tenantId);
  const setting = settingOf(query);
  let rows: AsyncIterator<Buffer>;
  try {
    if (place) await takePlace(client, place, ctx.tenantId);
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
    await done(!isRefused);
    if (isRefused) throw cause;
    throw new AppError("unavailable", "The export could not be started. Try again shortly.", { cause });
  }
  let isHeaderOut = false;
  return {
    async next() {
      if (!isHeaderOut) {
        isHeaderOut = true;
        return Buffer.from(`${EXPORT_HEADER.join(",")}\r\n`);
      }
      for (;;) {
        const { value, done: isEnd } = await rows.next();
        if (isEnd) return null;
        const block = lines.push(value);
        if (block) return block;
      }
    },
    count: lines.count,
    close: done,
  };
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
