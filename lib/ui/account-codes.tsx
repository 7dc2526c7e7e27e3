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
import { takeFocus, useDisclosure } from "./use-disclosure";

/* From so many on, somebody who loses their phone soon has no way in. */
const FEW = 3;

/** The recovery codes: how many are left, and ten new ones, shown once. */
export function AccountCodes({ left, host }: { left: number; host: string }) {
  const router = useRouter();
  const call = useProtectedCall();
  const [isAsking, setAsking] = useState(false);
  const { isOpen, setOpen, opener } = useDisclosure();
  const [codes, setCodes] = useState<string[]>([]);
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
    setOpen(true);
  };
  const done = () => {
    setOpen(false);
    setCodes([]);
    router.refresh();
  };
  return (
    <Section id="recovery-codes" title="Recovery codes">
      {isOpen ? (
        <div
          ref={takeFocus}
          tabIndex={-1}
          role="status"
          data-printed=""
          className="max-w-[440px] focus-visible:shadow-none"
        >
          <p className="hidden font-emph print:block">For {host}</p>
          <p className="text-ink-2">Use these ten codes from now on. Earlier ones no longer work.</p>
          <RecoveryCodesShown codes={codes} host={host} onKept={done} />
        </div>
      ) : (
        <AccountFact
          action={
            <Button
              ref={opener}
              onClick={() => {
                setProblem(null);
                setAsking(true);
              }}
            >
              Make new codes
            </Button>
          }
        >
          <CodesLeft left={left} />
          Each works once, in place of a code from the app.
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
  if (left > FEW) return <span>{left} left. </span>;
  return (
    <span className="flex items-start gap-1.5 font-emph text-warm">
      <Icon name="warn" className="mt-0.5" />
      {left === 0 ? "None left: make new ones now." : `Only ${left} left: make new ones soon.`}
    </span>
  );
}
