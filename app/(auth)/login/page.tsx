import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { HOME, safeCallbackPath } from "@/lib/http/callback-url";
import { markNotFound } from "@/lib/http/request-guard";
import { isSignedIn, siteOfRequest } from "@/lib/http/session";
import { GatePage } from "@/lib/ui/gate-page";
import { LoginForm } from "@/lib/ui/login-form";
import { signInProblem } from "@/lib/ui/sign-in-problem";
import NotFound from "../../not-found";

type LoginPageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const site = await siteOfRequest();
  return { title: site.kind === "firm" ? `Sign in · ${site.firm.name}` : "Not found" };
}

/** The door of one firm. Who is already inside goes straight on. */
export default async function LoginPage({ searchParams }: LoginPageProps) {
  const { callbackUrl, error } = await searchParams;
  const site = await siteOfRequest();
  if (site.kind !== "firm") {
    markNotFound();
    return <NotFound />;
  }
  const { firm } = site;
  const goTo = safeCallbackPath(textOf(callbackUrl) ?? HOME, firm.origin);
  if (await isSignedIn()) redirect(goTo);
  return (
    <GatePage firmName={firm.name}>
      <LoginForm firmName={firm.name} host={firm.host} callbackUrl={goTo} problem={signInProblem(textOf(error))} />
    </GatePage>
  );
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;
