import { redirect } from "next/navigation";
import { siteOfRequest } from "@/lib/http/session";
import { ProblemPage } from "@/lib/ui/states";

/** A firm's front door leads to its leads; our own address says that each firm has one. */
export default async function FrontDoor() {
  const site = await siteOfRequest();
  if (site.kind !== "apex") redirect("/leads");
  return (
    <ProblemPage title="Arrestra" meta={site.host}>
      <p>Every firm works at an address of its own. Yours is in the invitation e-mail you received.</p>
      <p>
        Arrested, or asking for someone who was? This site cannot help with a case. The county clerk or the State Bar’s
        lawyer referral service can.
      </p>
    </ProblemPage>
  );
}
