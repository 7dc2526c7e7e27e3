import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ERROR_TABLE, type ErrorCode } from "@/lib/core/errors";
import { siteOfRequest } from "@/lib/http/session";
import { ProblemPage } from "@/lib/ui/states";

export const metadata: Metadata = { title: "About this problem" };

/** What a problem reply's `type` leads to: the code in words, and whether asking again makes sense. */
export default async function ProblemCodePage({ params }: { params: Promise<{ code: string }> }) {
  const { code } = await params;
  if ((await siteOfRequest()).kind === "unknown" || !Object.hasOwn(ERROR_TABLE, code)) notFound();
  const { title, status, retryable } = ERROR_TABLE[code as ErrorCode];
  return (
    <ProblemPage title={title} meta={`${code} · HTTP ${status}`}>
      <p>The reply’s “detail” says what was wrong with this request, and “invalidParams” names the fields.</p>
      <p>
        {retryable
          ? "The same request may work later: wait as long as Retry-After says, and send the same Idempotency-Key."
          : "The same request will be refused again: change it first."}{" "}
        If you ask for help, quote the request id.
      </p>
    </ProblemPage>
  );
}
