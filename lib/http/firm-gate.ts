import { AppError } from "@/lib/core/errors";
import { classifyHost, originOf } from "@/lib/core/host";
import { provenTenant, type TenantId } from "@/lib/domain/context/ctx";
import { type FirmRecord, findFirmByDomain, findFirmBySlug } from "@/lib/domain/tenants/find-firm";
import { env } from "@/lib/platform/env";

/** The firm whose host a request came to. `host` and `origin` are ours, made from the validated name. */
export type Firm = Omit<FirmRecord, "id"> & { id: TenantId; host: string; origin: string };

/** Where a request came in: our own address, a firm's, or none that we serve. */
export type Site = { kind: "apex"; host: string } | { kind: "firm"; firm: Firm } | { kind: "unknown" };

// A firm that is suspended, opened again or just made is so within a second; a flood of invented names does not reach the database each time.
const REMEMBERED_MS = 1_000;
const MAX_ENTRIES = 5_000;

type Entry = { firm: FirmRecord | null; until: number };
// Shared by every bundle of the process, so that forgetting a firm forgets it everywhere in it.
const holder = globalThis as typeof globalThis & { arrestraFirms?: Map<string, Entry> };
holder.arrestraFirms ??= new Map();
const cache = holder.arrestraFirms;

/** Finds out where a request came in, from the one trusted host header. Never from anything else a client can write. */
export async function findSite(headers: Pick<Headers, "get">): Promise<Site> {
  const { APP_BASE_URL, TRUSTED_HOST_HEADER } = env();
  const site = classifyHost(headers.get(TRUSTED_HOST_HEADER), APP_BASE_URL);
  if (site.kind === "bad") return { kind: "unknown" };
  if (site.kind === "apex") return { kind: "apex", host: site.host };
  const record = await cached(site.host, () =>
    site.kind === "firm" ? findFirmBySlug(site.slug) : findFirmByDomain(site.name),
  );
  if (!record) return { kind: "unknown" };
  const origin = originOf(site.host, APP_BASE_URL);
  return { kind: "firm", firm: { ...record, id: provenTenant(record.id), host: site.host, origin } };
}

/** The firm of a request, or null on our own address and on any host that no active firm answers to. */
export async function findFirm(headers: Pick<Headers, "get">): Promise<Firm | null> {
  const site = await findSite(headers);
  return site.kind === "firm" ? site.firm : null;
}

/** Drops what is remembered of a firm: call it when a firm or its domains change. */
export function forgetFirm(tenantId: string): void {
  for (const [host, { firm }] of cache) if (!firm || firm.id === tenantId) cache.delete(host);
}

/** A host that answers to nobody is told nothing more than that. */
export const nothingHere = (): AppError => new AppError("not_found", "There is nothing here.");

async function cached(host: string, find: () => Promise<FirmRecord | null>): Promise<FirmRecord | null> {
  const entry = cache.get(host);
  if (entry && entry.until > Date.now()) return entry.firm;
  const firm = await find();
  cache.delete(host);
  if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value ?? "");
  cache.set(host, { firm, until: Date.now() + REMEMBERED_MS });
  return firm;
}
