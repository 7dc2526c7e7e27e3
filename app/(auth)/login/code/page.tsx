import type { Metadata } from "next";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { HOME, safeCallbackPath } from "@/lib/http/callback-url";
import { markNotFound } from "@/lib/http/request-guard";
import { isSignedIn, siteOfRequest } from "@/lib/http/session";
import { attemptCookieName } from "@/lib/http/session-cookie";
import { CodeForm } from "@/lib/ui/code-form";
import { GatePage } from "@/lib/ui/gate-page";
import NotFound from "../../../not-found";

type CodePageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const site = await siteOfRequest();
  return { title: site.kind === "firm" ? `Your code · ${site.firm.name}` : "Not found" };
}

/** The second step of signing in. It says nothing about the first: who typed a wrong password sees the same page. */
export default async function CodePage({ searchParams }: CodePageProps) {
  const { callbackUrl, with: way } = await searchParams;
  const site = await siteOfRequest();
  if (site.kind !== "firm") {
    markNotFound();
    return <NotFound />;
  }
  const { firm } = site;
  const goTo = safeCallbackPath(typeof callbackUrl === "string" ? callbackUrl : HOME, firm.origin);
  if (await isSignedIn()) redirect(goTo);
  const onwards = goTo === HOME ? "" : `callbackUrl=${encodeURIComponent(goTo)}`;
  const startHref = address("/login", onwards);
  // nobody has typed a password here, or too long ago
  if (!(await cookies()).has(attemptCookieName())) redirect(startHref);
  const byRecovery = way === "recovery";
  return (
    <GatePage firmName={firm.name}>
      <CodeForm
        way={byRecovery ? "recoveryCode" : "code"}
        callbackUrl={goTo}
        otherHref={address("/login/code", byRecovery ? onwards : `with=recovery${onwards && `&${onwards}`}`)}
        startHref={startHref}
      />
    </GatePage>
  );
}

const address = (path: string, query: string): string => (query ? `${path}?${query}` : path);
