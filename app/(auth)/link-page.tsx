import type { Metadata } from "next";
import type { ReactNode } from "react";
import type { LinkPurpose } from "@/lib/contracts/account";
import { systemClock } from "@/lib/core/clock";
import { findLinkHolder, type LinkHolder } from "@/lib/domain/auth/link-holder";
import { markNotFound } from "@/lib/http/request-guard";
import { requestIdOfPage, siteOfRequest } from "@/lib/http/session";
import { DeadLink } from "@/lib/ui/dead-link";
import { GatePage } from "@/lib/ui/gate-page";
import NotFound from "../not-found";

/** What the page of a one-time link knows: the link as it stands in the address, whose it is, and the firm's host. */
export type LinkOnPage = { link: string; holder: LinkHolder; host: string };

export type LinkPageProps = { params: Promise<{ link: string }> };

/** The title of such a page. It names the firm, never the person: titles stay in histories. */
export async function linkTitle(words: string): Promise<Metadata> {
  const site = await siteOfRequest();
  return { title: site.kind === "firm" ? `${words} · ${site.firm.name}` : "Not found" };
}

/**
 * The page that a one-time link opens. Looking at it spends nothing, so whoever checks links on their way may do so; one that opens nothing says what to do.
 * No session is looked at: the link is proof enough of who it is for.
 */
export async function linkPage(
  purpose: LinkPurpose,
  { params }: LinkPageProps,
  form: (found: LinkOnPage) => ReactNode,
): Promise<ReactNode> {
  const site = await siteOfRequest();
  if (site.kind !== "firm") {
    markNotFound();
    return <NotFound />;
  }
  const { firm } = site;
  const link = decoded((await params).link);
  const actor = { type: "service", id: "one-time-link" } as const;
  const ctx = { tenantId: firm.id, actor, requestId: requestIdOfPage(), clock: systemClock };
  const holder = await findLinkHolder(ctx, { purpose, link });
  if (!holder) markNotFound();
  return (
    <GatePage firmName={firm.name}>
      {holder ? (
        <>
          {form({ link, holder, host: firm.host })}
          <noscript>
            <p className="mt-4 max-w-[420px] text-danger">
              This page needs JavaScript. Switch it on, then load it again.
            </p>
          </noscript>
        </>
      ) : (
        <DeadLink purpose={purpose} />
      )}
    </GatePage>
  );
}

/* A link of ours has nothing to decode; what does not decode is none of ours. */
function decoded(link: string): string {
  try {
    return decodeURIComponent(link);
  } catch {
    return "";
  }
}
