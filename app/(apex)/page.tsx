import { notFound, redirect } from "next/navigation";
import { HOME } from "@/lib/http/callback-url";
import { isSignedIn, siteOfRequest } from "@/lib/http/session";
import { ProblemPage } from "@/lib/ui/states";

/** The root of a firm's host leads to its list; our own address names the product; any other host has nothing. */
export default async function ApexPage() {
  const site = await siteOfRequest();
  if (site.kind === "unknown") notFound();
  if (site.kind === "firm") redirect((await isSignedIn()) ? HOME : "/login");
  return (
    <ProblemPage title="Arrestra" meta={site.host}>
      <p>
        Arrest and bail records of your counties, minutes after they are public: cleaned, ranked and ready to act on
        lawfully.
      </p>
      <p>Each firm signs in at its own address. Yours is in the invitation e-mail you received.</p>
    </ProblemPage>
  );
}
