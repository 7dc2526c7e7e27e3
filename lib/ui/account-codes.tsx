"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RecoveryCodes } from "@/lib/contracts/account";
import { AccountFact } from "./account-form";
import type { Problem } from "./api-client";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { countOf } from "./format";
import { Icon } from "./icons";
import { RecoveryCodesShown } from "./recovery-codes";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";

/* From so many on, somebody who loses their phone soon has no way in. */
const FEW = 3;

/** The recovery codes: how many are left, and ten new ones, shown once. */
export function AccountCodes({ left, host }: { left: number; host: string }) {
  const router = useRouter();
  const call = useProtectedCall();
  const [isAsking, setAsking] = useState(false);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const make = async () => {
    setSending(true);
    const result = await call<RecoveryCodes>("POST", "/api/account/recovery-codes");
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setAsking(false);
    setCodes(result.data.codes);
  };
  const done = () => {
    setCodes(null);
    router.refresh();
  };
  return (
    <Section id="recovery-codes" title="Recovery codes">
      {codes ? (
        <div role="status" data-printed="" className="max-w-[440px]">
          <p className="text-ink-2">These ten are good from now on; those from before no longer work.</p>
          <RecoveryCodesShown codes={codes} host={host} onKept={done} />
        </div>
      ) : (
        <AccountFact
          action={
            <Button
              onClick={() => {
                setProblem(null);
                setAsking(true);
              }}
            >
              Make new codes
            </Button>
          }
        >
          <CodesLeft left={left} /> Each stands in once for a code from the app.
        </AccountFact>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title="Make ten new recovery codes?"
        verb="Make new codes"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void make()}
        onCancel={() => setAsking(false)}
      >
        {left > 0
          ? `The ${countOf(left, "code")} that you have left will no longer work.`
          : "You have none left, so nothing else changes."}
      </ConfirmDialog>
    </Section>
  );
}

function CodesLeft({ left }: { left: number }) {
  if (left > FEW) return <span>{left} left.</span>;
  return (
    <span className="inline-flex items-start gap-1.5 font-emph text-warm">
      <Icon name="warn" className="mt-0.5" />
      {left === 0 ? "None left: make new ones now." : `Only ${left} left: make new ones soon.`}
    </span>
  );
}
