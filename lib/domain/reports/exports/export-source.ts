import type { Ctx, LeadScope } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { countLeadRows } from "../../export/export-leads";
import { openLeadCopy } from "../../export/lead-copy";
import { toLeadQuery } from "../../leads/lead-query";
import { findReadingPlace } from "../../leads/visit";
import { auditCsv } from "../audit/audit-csv";
import { countEvents } from "../audit/export-audit";
import { findSelection } from "../audit/list-audit";
import { findReach } from "./asker";
import { type ExportRow, openFilter } from "./export-row";

/** A file's rows: how many there will be, the limits they were read under, and their bytes as CSV. */
export type ExportSource = {
  rowsExpected: number | null;
  scope: LeadScope | null;
  read: () => AsyncGenerator<{ bytes: Buffer; rows: number }>;
};

/** Counting stops here; beyond it a bar would not move in an hour anyway. */
const COUNTED_UP_TO = 5_000_000;

/** What a row asks for, under what whoever asked may reach now. @throws AppError `forbidden` when that is nothing any more. */
export function findSource(ctx: Ctx, row: ExportRow): Promise<ExportSource> {
  return inTenant(ctx, async (tx) => {
    const scope = await findReach(tx, ctx, row);
    const asked = openFilter(row);
    if (asked.kind === "audit") {
      const selection = await findSelection(tx, ctx, asked.filter);
      const rowsExpected = unlessCapped(await countEvents(tx, selection, COUNTED_UP_TO));
      return { rowsExpected, scope: null, read: () => auditCsv(ctx, selection) };
    }
    const place = await findReadingPlace(tx, ctx);
    const visitedAt = asked.visitedAt === null ? null : new Date(asked.visitedAt);
    const query = toLeadQuery(asked.filter, { ...place, visitedAt, scope });
    const rowsExpected = unlessCapped(await countLeadRows(tx, ctx, query, COUNTED_UP_TO));
    const read = async function* () {
      const copy = await openLeadCopy(ctx, { filter: asked.filter, query, scope });
      let isWhole = false;
      try {
        for (let before = 0; ; before = copy.count()) {
          const bytes = await copy.next();
          if (!bytes) break;
          yield { bytes, rows: copy.count() - before };
        }
        isWhole = true;
      } finally {
        await copy.close(!isWhole);
      }
    };
    return { rowsExpected, scope, read };
  });
}

const unlessCapped = (rows: number): number | null => (rows < COUNTED_UP_TO ? rows : null);
