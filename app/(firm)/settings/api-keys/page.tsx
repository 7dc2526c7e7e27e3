import type { Metadata } from "next";
import { type ApiKeyPage, ApiKeyPageQuery } from "@/lib/contracts/api-keys";
import { AppError } from "@/lib/core/errors";
import { listApiKeys } from "@/lib/domain/auth/list-api-keys";
import type { Ctx } from "@/lib/domain/context/ctx";
import { mayDo } from "@/lib/domain/context/permissions";
import { findFirmOfRequest, loadSession } from "@/lib/http/session";
import { ApiKeyPanel } from "@/lib/ui/api-key-panel";
import { PageHead } from "@/lib/ui/page-head";
import { Empty } from "@/lib/ui/states";

export const generateMetadata = async (): Promise<Metadata> => ({
  title: `API keys · ${(await findFirmOfRequest()).name}`,
});

type ApiKeysPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** The keys of the firm's programs. */
export default async function ApiKeysPage({ searchParams }: ApiKeysPageProps) {
  const { ctx, firm } = await loadSession("/settings/api-keys");
  if (!mayDo(ctx, "keys:manage")) {
    return (
      <>
        <PageHead title="API keys" />
        <Empty title="Owners and admins manage keys">Ask one of them for a key for your program.</Empty>
      </>
    );
  }
  const { keys, nextCursor } = await loadKeys(ctx, (await searchParams).cursor);
  return (
    <>
      <PageHead title="API keys" />
      <p className="border-b border-line px-gutter pt-1 pb-3 text-ink-2">
        A key lets a program in without a person. It can do only what is ticked for it, in this firm only.
      </p>
      <ApiKeyPanel
        keys={keys}
        moreHref={nextCursor ? `/settings/api-keys?cursor=${encodeURIComponent(nextCursor)}` : null}
        origin={firm.origin}
        timeZone={firm.timeZone}
        now={ctx.clock.now().toISOString()}
      />
    </>
  );
}

/* An address that somebody altered, or kept for too long, leads to the first page. */
async function loadKeys(ctx: Ctx, cursor: string | string[] | undefined): Promise<ApiKeyPage> {
  const asked = ApiKeyPageQuery.safeParse(cursor === undefined ? {} : { cursor });
  const first = ApiKeyPageQuery.parse({});
  return listApiKeys(ctx, asked.success ? asked.data : first).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "unprocessable") return listApiKeys(ctx, first);
    throw error;
  });
}
