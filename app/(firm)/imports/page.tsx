import type { Metadata } from "next";
import Link from "next/link";
import { type ImportPage, ImportQuery } from "@/lib/contracts/imports";
import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayImport } from "@/lib/domain/leads/imports/import-row";
import { listImports } from "@/lib/domain/leads/imports/list-imports";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { buttonClass } from "@/lib/ui/button";
import { ImportsView } from "@/lib/ui/imports-view";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Imports · ${(await findFirmOfRequest()).name}`,
});

type ImportsPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Lists that the firm brought, and the way to bring another. */
export default async function ImportsPage({ searchParams }: ImportsPageProps) {
  const { ctx, firm } = await loadSession("/imports");
  if (!mayImport(ctx)) {
    return (
      <>
        <PageHead title="Imports" />
        <Empty title="Owners and admins manage imports">
          Ask one of them: a list changes the leads of the whole firm.
        </Empty>
      </>
    );
  }
  const { imports, nextCursor } = await loadPage(ctx, (await searchParams).cursor);
  return (
    <>
      <PageHead title="Imports" />
      <p className="border-b border-line px-gutter pt-1 pb-3 text-ink-2">
        Lists of the firm’s own as leads. Each import is in the audit trail; its file goes after two days.
      </p>
      <ImportsView imports={imports} timeZone={firm.timeZone} now={ctx.clock.now().toISOString()} />
      {nextCursor ? (
        <nav aria-label="Pages" className="flex gap-2 px-gutter pb-6">
          <Link
            href={`/imports?cursor=${encodeURIComponent(nextCursor)}`}
            prefetch={false}
            className={buttonClass()}
            rel="next"
          >
            Older
          </Link>
        </nav>
      ) : null}
    </>
  );
}

/* An address that somebody altered, or kept for too long, leads to the first page. */
async function loadPage(ctx: Ctx, given: string | string[] | undefined): Promise<ImportPage> {
  const asked = ImportQuery.safeParse(given ? { cursor: given } : {});
  const first = ImportQuery.parse({});
  if (!asked.success) return listImports(ctx, first);
  try {
    return await listImports(ctx, asked.data);
  } catch (error) {
    if (error instanceof AppError && error.code === "unprocessable") return listImports(ctx, first);
    throw error;
  }
}
