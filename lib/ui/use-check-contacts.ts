"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { EnrichReport } from "@/lib/contracts/leads";
import { callApi, problemText } from "./api-client";
import { countOf } from "./format";
import { showToast } from "./toast";

/** Asks for look-ups of the leads' contacts and says in a toast what was queued, what is still fresh and what has no contact. */
export function useCheckContacts(): { check: (leadIds: readonly string[]) => Promise<void>; isChecking: boolean } {
  const router = useRouter();
  const [isChecking, setChecking] = useState(false);
  const check = async (leadIds: readonly string[]) => {
    if (leadIds.length === 0 || isChecking) return;
    setChecking(true);
    const result = await callApi<EnrichReport>("POST", "/api/leads/enrich/contact", { leadIds });
    setChecking(false);
    if (!result.isOk) return showToast({ kind: "error", text: problemText(result.problem) });
    showToast({ kind: "note", text: reportText(result.data) });
    router.refresh();
  };
  return { check, isChecking };
}

/** The report in one or two sentences. */
export function reportText({ leads, queued }: EnrichReport): string {
  const reused = leads.reduce((sum, lead) => sum + lead.reused, 0);
  const without = leads.filter((lead) => lead.outcome === "no_contact").length;
  const said = [
    queued > 0 ? `${countOf(queued, "contact")} will be checked` : "",
    reused > 0 ? `${countOf(reused, "result is", "results are")} still fresh` : "",
    without > 0 ? `${countOf(without, "lead has", "leads have")} no contact on file` : "",
  ].filter(Boolean);
  return said.length > 0 ? `${said.join(". ")}.` : "Nothing to check.";
}
