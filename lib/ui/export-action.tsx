"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import type { AuditFilter } from "@/lib/contracts/audit";
import type { ExportDto } from "@/lib/contracts/exports";
import type { LeadFilter } from "@/lib/contracts/leads";
import { problemText } from "./api-client";
import { Button } from "./button";
import { DownloadLink } from "./download-link";
import { Icon } from "./icons";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

/** What `POST /api/exports` is asked for. */
export type Preparable = { kind: "leads"; filter: LeadFilter } | { kind: "audit"; filter: AuditFilter };

type ExportActionProps = {
  /** Where the file comes from at once. */
  href: string;
  what: Preparable;
  /** More rows than are downloaded at once: a job prepares them, and the page of exports shows how far it is. */
  isPrepared: boolean;
  isLarge: boolean;
  freshUntil: string | null;
  children: ReactNode;
};

/** Takes a list away as CSV: at once when it is small, else prepared. */
export function ExportAction({ href, what, isPrepared, isLarge, freshUntil, children }: ExportActionProps) {
  return isPrepared ? (
    <PrepareButton what={what}>{children}</PrepareButton>
  ) : (
    <DownloadLink href={href} isLarge={isLarge} freshUntil={freshUntil}>
      {children}
    </DownloadLink>
  );
}

function PrepareButton({ what, children }: { what: Preparable; children: ReactNode }) {
  const router = useRouter();
  const call = useProtectedCall();
  const [isSending, setSending] = useState(false);
  const prepare = async () => {
    if (isSending) return;
    setSending(true);
    const result = await call<ExportDto>("POST", "/api/exports", what);
    setSending(false);
    if (result.isOk) return router.push("/exports");
    showToast({ kind: "error", text: problemText(result.problem) });
  };
  return (
    <Button aria-disabled={isSending} onClick={() => void prepare()}>
      <Icon name="download" />
      {children}
    </Button>
  );
}
