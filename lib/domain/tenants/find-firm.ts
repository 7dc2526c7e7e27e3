import { asPlatform } from "../context/in-tenant";

/** A firm as the platform plane knows it, before anyone has proven anything. */
export type FirmRecord = { id: string; slug: string; name: string; timeZone: string; demo: boolean };

const COLUMNS = { id: true, slug: true, name: true, timeZone: true, demo: true } as const;

/** The active firm of a subdomain, or null. A suspended firm is as unknown as one that never was. */
export const findFirmBySlug = (slug: string): Promise<FirmRecord | null> =>
  asPlatform("find firm by host", (tx) => tx.tenant.findFirst({ where: { slug, status: "active" }, select: COLUMNS }));

/** The active firm of a domain of its own, or null. Only a domain that was verified counts. */
export const findFirmByDomain = (host: string): Promise<FirmRecord | null> =>
  asPlatform("find firm by host", async (tx) => {
    const found = await tx.$queryRaw<FirmRecord[]>`
      SELECT t.id, t.slug, t.name, t.time_zone AS "timeZone", t.demo
      FROM domain d JOIN tenant t ON t.id = d.tenant_id
      WHERE d.host = ${host} AND d.verified_at IS NOT NULL AND t.status = 'active'`;
    return found[0] ?? null;
  });
