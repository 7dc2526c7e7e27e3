"use client";
import { useRouter } from "next/navigation";
import { useEffect, useId, useRef, useState } from "react";
import type { AlertsDto } from "@/lib/contracts/alerts";
import { AccountFact, AccountForm } from "./account-form";
import { callApi, fieldProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { FactorField } from "./factor-field";
import { Field, FieldError } from "./field";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import { useDisclosure } from "./use-disclosure";

const PATH = "/api/account/alerts/phone";

type AlertPhoneProps = Pick<AlertsDto, "phone" | "carrier">;

/** The phone that texts go to: given, confirmed by the code that it gets, forgotten. */
export function AlertPhone({ phone, carrier }: AlertPhoneProps) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const { isOpen, setOpen, opener } = useDisclosure();
  const [isCodeSent, setCodeSent] = useState(phone?.codeUntil != null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const [isSending, setSending] = useState(false);
  const isOff = carrier === "off";
  const hadPhone = useRef(phone !== null);
  useEffect(() => {
    // The button that removed it has gone with the phone: what is left is to add one.
    if (hadPhone.current && !phone && document.activeElement === document.body) opener.current?.focus();
    hadPhone.current = phone !== null;
  }, [phone, opener]);
  const toggle = (open: boolean) => {
    setProblem(null);
    setOpen(open);
  };
  const finish = (text: string) => {
    toggle(false);
    setCodeSent(false);
    showToast({ kind: "done", text });
    router.refresh();
  };
  const sendCode = async (form: FormData) => {
    setSending(true);
    const result = await call<AlertsDto>("POST", PATH, { phone: String(form.get("phone") ?? "").trim() });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setCodeSent(true);
    router.refresh();
  };
  const confirm = async (form: FormData) => {
    setSending(true);
    const code = String(form.get("code") ?? "").trim();
    const result = await callApi<AlertsDto>("POST", `${PATH}/confirm`, { code });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (result.isOk) finish("Phone confirmed. Text alerts are on");
  };
  const remove = async () => {
    setSending(true);
    const result = await callApi<null>("DELETE", PATH);
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setRemoving(false);
    finish("Phone removed. Text alerts are off");
  };
  const form = { id, isSending, problem, onCancel: () => toggle(false) };
  const wrongCode = fieldProblem(problem, "code");
  const wrong = wrongCode && `It ${wrongCode}. Look at the newest message, or have another code sent.`;
  const wrongPhone = fieldProblem(problem, "phone");
  return (
    <div className="mt-3">
      <AccountFact
        action={
          isOpen ? null : (
            <span className="flex flex-wrap gap-2">
              {isOff ? null : (
                <Button ref={opener} disabled={isSending} onClick={() => toggle(true)}>
                  {phone ? (phone.isConfirmed ? "Change phone" : "Confirm phone") : "Add a phone"}
                </Button>
              )}
              {phone ? (
                <Button
                  kind="quiet"
                  disabled={isSending}
                  aria-label="Remove your phone…"
                  onClick={() => {
                    setProblem(null);
                    setRemoving(true);
                  }}
                >
                  Remove…
                </Button>
              ) : null}
            </span>
          )
        }
      >
        {phone ? (
          <>
            Phone ending in <span className="num">{phone.ending}</span>,{" "}
            {phone.isConfirmed ? "confirmed." : "not confirmed yet: it gets no texts."}
          </>
        ) : (
          "No phone for texts yet."
        )}
      </AccountFact>
      <ConfirmDialog
        isOpen={isRemoving}
        title="Remove your phone?"
        verb="Remove it"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void remove()}
        onCancel={() => setRemoving(false)}
      >
        Text alerts stop. You can add the phone again at any time, with a new code.
      </ConfirmDialog>
      {isOpen && isCodeSent ? (
        <AccountForm
          key="code"
          {...form}
          verb={isSending ? "Checking…" : "Confirm and turn texts on"}
          fields={["code"]}
          onSend={(data) => void confirm(data)}
        >
          <FactorField
            id={`${id}-code`}
            way="code"
            hint={`Enter the 6-digit code we texted to ${phone ? `the phone ending in ${phone.ending}` : "your phone"}. It expires in 10 minutes.${carrier === "sandbox" ? " The sandbox shows it on its page Texts." : ""}`}
            describedBy={wrong ? `${id}-code-error` : undefined}
          />
          <FieldError id={`${id}-code-error`} error={wrong} />
          <Button
            kind="quiet"
            className="mt-2 -ml-2.5"
            onClick={() => {
              setProblem(null);
              setCodeSent(false);
            }}
          >
            Send another code, or use another phone
          </Button>
        </AccountForm>
      ) : null}
      {isOpen && !isCodeSent ? (
        <AccountForm
          key="phone"
          {...form}
          verb={isSending ? "Sending…" : "Send a code"}
          fields={["phone"]}
          onSend={(data) => void sendCode(data)}
        >
          <Field
            id={`${id}-phone`}
            name="phone"
            label="Mobile phone"
            type="tel"
            autoComplete="tel-national"
            inputMode="tel"
            maxLength={40}
            required
            hint={
              phone?.isConfirmed
                ? "A US mobile number. Texts stop until the new phone is confirmed."
                : "A US mobile number."
            }
            error={wrongPhone && `It ${wrongPhone}. Give another number.`}
          />
        </AccountForm>
      ) : null}
    </div>
  );
}
