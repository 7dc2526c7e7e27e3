import type { FirmDto, FirmPage } from "@/lib/contracts/firms";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { firmOrigin } from "@/lib/core/host";
import { isStorable } from "@/lib/core/text";
import { Prisma } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { asPlatform } from "../context/in-tenant";
import type { Operator } from "./operator-ctx";

type Row = Omit<FirmDto, "url" | "stateSince" | "eraseAfter" | "createdAt"> & {
  stateSince: Date | null;
  eraseAfter: Date | null;
  createdAt: Date;
};

const ONE_LIST = ["platform", "firms"];

/** One page of all firms by their slug, whatever their state. */
export async function listFirms(
  _operator: Operator,
  { limit = 50, cursor }: { limit?: number; cursor?: string } = {},
): Promise<FirmPage> {
  const after = cursor ? decodeCursor(cursor, ONE_LIST, ({ key }) => isStorable(key)).key : "";
  const rows = await readFirms(Prisma.sql`t.slug > ${after}`, limit + 1);
  const firms = rows.slice(0, limit).map(toDto);
  const last = firms.at(-1);
  const nextCursor = rows.length > limit && last ? encodeCursor({ key: last.slug, id: last.id }, ONE_LIST) : null;
  return { firms, nextCursor };
}

/** The firm of a slug in any state, or null. */
export async function findFirmInAnyState(_operator: Operator, slug: string): Promise<FirmDto | null> {
  const [row] = isStorable(slug) ? await readFirms(Prisma.sql`t.slug = ${slug}`, 1) : [];
  return row ? toDto(row) : null;
}

/** The firm of a slug in any state. @throws AppError `not_found` */
export async function getFirmInAnyState(operator: Operator, slug: string): Promise<FirmDto> {
  const firm = await findFirmInAnyState(operator, slug);
  if (!firm) throw new AppError("not_found", "There is no firm with this address.");
  return firm;
}

const readFirms = (where: Prisma.Sql, limit: number): Promise<Row[]> =>
  asPlatform(
    "run the platform",
    (tx) => tx.$queryRaw<Row[]>`
      SELECT t.id, t.slug, t.name, t.status AS state, t.status_reason AS reason, t.status_changed_at AS "stateSince",
             t.erase_after AS "eraseAfter", t.created_at AS "createdAt",
             (SELECT count(*)::int FROM app_user u WHERE u.tenant_id = t.id AND u.disabled_at IS NULL) AS users
      FROM tenant t WHERE ${where} ORDER BY t.slug LIMIT ${limit}`,
  );

const toDto = ({ stateSince, eraseAfter, createdAt, ...firm }: Row): FirmDto => ({
  ...firm,
  url: firmOrigin(firm.slug, env().APP_BASE_URL),
  stateSince: stateSince?.toISOString() ?? null,
  eraseAfter: eraseAfter?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
