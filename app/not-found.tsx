import type { Metadata } from "next";
import { ProblemPage } from "@/lib/ui/states";

export const metadata: Metadata = { title: "Not found" };

/** An unknown address or an unknown firm: one page for both, which reveals nothing. */
export default function NotFound() {
  return (
    <ProblemPage title="There is nothing at this address" meta="Error 404">
      <p>Check the spelling of the address. Your firm’s address is in the invitation e-mail you received.</p>
      <p>
        Arrested, or asking for someone who was? This site cannot help with a case. The county clerk or the State Bar’s
        lawyer referral service can.
      </p>
    </ProblemPage>
  );
}
