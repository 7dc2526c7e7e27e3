import type { Metadata } from "next";
import Link from "next/link";
import { type ExportPage, ExportQuery } from "@/lib/contracts/exports";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayDo } from "@/lib/domain/context/permissions";
import { factorFreshUntil } from "@/lib/domain/context/step-up";
import { listExports } from "@/lib/domain/reports/exports/list-exports";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { buttonClass } from "@/lib/ui/button";
import { ExportsPanel } from "@/lib/ui/exports-panel";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Exports · ${(await findFirmOfRequest()).name}`,
});

type ExportsPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Files that are prepared for who asked: how far they are, and where they are fetched. */
export default async function ExportsPage({ searchParams }: ExportsPageProps) {
  const { ctx, firm } = await loadSession("/exports");
  if (!mayDo(ctx, "export:read")) {
    return (
      <>
        <PageHead title="Exports" />
        <Empty title="Your role does not take lists away">Ask an owner or admin of the firm for what you need.</Empty>
      </>
    );
  }
  const { page, cursor } = await loadPage(ctx, (await searchParams).cursor);
  return (
    <>
      <PageHead title="Exports" />
      <p className="border-b border-line px-gutter pt-1 pb-3 text-ink-2">
        {mayDo(ctx, "audit:read")
          ? "Lists that the firm takes away as files. Each asking and each download is in the audit trail."
          : "Lists that you take away as files. Each asking and each download is in the firm’s audit trail."}
      </p>
      <ExportsPanel
        exports={page.exports}
        query={cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}
        freshUntil={factorFreshUntil(ctx)?.toISOString() ?? null}
        timeZone={firm.timeZone}
        now={ctx.clock.now().toISOString()}
      />
      {cursor || page.nextCursor ? (
        <nav aria-label="Pages" className="flex gap-2 px-gutter pb-6">
          {cursor ? (
            <Link href="/exports" prefetch={false} className={buttonClass()}>
              Newest
            </Link>
          ) : null}
          {page.nextCursor ? (
            <Link
              href={`/exports?cursor=${encodeURIComponent(page.nextCursor)}`}
              prefetch={false}
              className={buttonClass()}
              rel="next"
            >
              Older
            </Link>
          ) : null}
        </nav>
      ) : null}
    </>
  );
}

/* An address that somebody altered, or kept for too long, leads to the first page. */
async function loadPage(
  ctx: Ctx,
  given: string | string[] | undefined,
): Promise<{ page: ExportPage; cursor?: string }> {
  const first = ExportQuery.parse({});
  const asked = ExportQuery.safeParse(given ? { cursor: given } : {});
  if (!asked.success || !asked.data.cursor) return { page: await listExports(ctx, first) };
  const { cursor } = asked.data;
  try {
    return { page: await listExports(ctx, asked.data), cursor };
  } catch (error) {
    if (error instanceof AppError && error.code === "unprocessable") return { page: await listExports(ctx, first) };
    throw error;
  }
}
