"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { TotpOffer } from "@/lib/contracts/account";
import { AccountFact, AccountForm } from "./account-form";
import { fieldProblem, type Problem, problemText } from "./api-client";
import { AuthenticatorOffer } from "./authenticator-offer";
import { Button } from "./button";
import { FactorField } from "./factor-field";
import { FieldError } from "./field";
import { formatDay } from "./format";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import { useDisclosure } from "./use-disclosure";

type AccountAuthenticatorProps = { since: string | null; timeZone: string; now: string };

/** The authenticator app: since when, and another one. The one in use works until the first code of the new one was typed. */
export function AccountAuthenticator({ since, timeZone, now }: AccountAuthenticatorProps) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const { isOpen, setOpen, opener } = useDisclosure();
  const [offer, setOffer] = useState<TotpOffer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const begin = async () => {
    setSending(true);
    const result = await call<TotpOffer>("POST", "/api/account/totp");
    setSending(false);
    setProblem(null);
    if (result.isOk) {
      setOffer(result.data);
      setOpen(true);
    } else if (result.problem.code !== "mfa_required") showToast({ kind: "error", text: problemText(result.problem) });
  };
  const confirm = async (form: FormData) => {
    setSending(true);
    const code = String(form.get("code") ?? "").trim();
    const result = await call<null>("POST", "/api/account/totp/confirm", { code });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setOpen(false);
    showToast({ kind: "done", text: "The new authenticator is in use. You are signed out everywhere else" });
    router.refresh();
  };
  const wrong = fieldProblem(problem, "code");
  return (
    <Section id="authenticator" title="Authenticator app">
      <AccountFact
        action={
          isOpen ? null : (
            <Button ref={opener} disabled={isSending} onClick={() => void begin()}>
              {since ? "Replace it" : "Set one up"}
            </Button>
          )
        }
      >
        {since ? `In use since ${formatDay(since, timeZone, now)}.` : "None is set up."} Replacing it signs you out
        everywhere else; the old one then shows codes that open nothing.
      </AccountFact>
      {isOpen && offer ? (
        <AccountForm
          id={id}
          verb={isSending ? "Checking…" : "Use this authenticator"}
          isSending={isSending}
          problem={problem}
          fields={["code"]}
          onSend={(form) => void confirm(form)}
          onCancel={() => setOpen(false)}
        >
          <div className="mb-4">
            <AuthenticatorOffer offer={offer} />
          </div>
          <FactorField
            id={`${id}-code`}
            way="code"
            hint="The 6 digits that the app shows now."
            describedBy={wrong ? `${id}-code-error` : undefined}
          />
          <FieldError id={`${id}-code-error`} error={wrong} />
        </AccountForm>
      ) : null}
    </Section>
  );
}
