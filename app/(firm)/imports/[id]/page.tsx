import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { localDate } from "@/lib/core/local-time";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayImport } from "@/lib/domain/leads/imports/import-row";
import { getImport, listImportProblems } from "@/lib/domain/leads/imports/list-imports";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { buttonClass } from "@/lib/ui/button";
import { ImportPanel } from "@/lib/ui/import-panel";
import { leadsHref } from "@/lib/ui/lead-query";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

type OneImportPageProps = { params: Promise<{ id: string }> };

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `Import · ${(await findFirmOfRequest()).name}`,
});

/** One list on its way in: columns, dry run, import, and back out. */
export default async function OneImportPage({ params }: OneImportPageProps) {
  const { id } = await params;
  const { ctx, firm } = await loadSession(`/imports/${id}`);
  if (!mayImport(ctx)) {
    return (
      <>
        <PageHead title="Import" />
        <Empty title="Owners and admins manage imports">
          Ask one of them: a list changes the leads of the whole firm.
        </Empty>
      </>
    );
  }
  if (!isId(id)) notFound();
  const { detail, problems } = await load(ctx, id);
  const day = localDate(new Date(detail.import.createdAt), firm.timeZone);
  return (
    <>
      <PageHead title={detail.import.filename}>
        <Link href="/imports" prefetch={false} className={buttonClass("quiet")}>
          All imports
        </Link>
      </PageHead>
      <ImportPanel
        each={detail.import}
        samples={detail.samples}
        problems={problems}
        leadsHref={leadsHref({ dateField: "firstSeen", from: day, to: day })}
      />
    </>
  );
}

/* Another firm's import is as unknown as one that never was. */
async function load(ctx: Ctx, id: string) {
  try {
    return { detail: await getImport(ctx, id), problems: await listImportProblems(ctx, id, { limit: 100 }) };
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}
