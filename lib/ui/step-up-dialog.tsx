"use client";
import { useEffect, useId, useRef, useState } from "react";
import type { PasskeyOptions, SteppedUp, StepUp } from "@/lib/contracts/account";
import { type ApiResult, callApi } from "./api-client";
import { Button } from "./button";
import { FactorField, linkButtonClass } from "./factor-field";
import { FieldError } from "./field";
import ModalDialog from "./modal-dialog";
import { askPasskey } from "./passkey";

type StepUpDialogProps = { opener: HTMLElement | null; onAnswer: (isConfirmed: boolean) => void };

/** Asks for the second factor again, by code, passkey or recovery code. What the reader was doing waits behind it. */
export default function StepUpDialog({ opener, onAnswer }: StepUpDialogProps) {
  const id = useId();
  const [way, setWay] = useState<"code" | "recoveryCode">("code");
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // the button that was pressed is off while it works and loses the focus: a refusal goes back to the field
  useEffect(() => {
    if (problem) form.current?.querySelector("input")?.select();
  }, [problem]);
  const send = async (body: StepUp) => settle(await callApi<SteppedUp>("POST", "/api/account/step-up", body));
  const settle = (result: ApiResult<SteppedUp>) => {
    if (result.isOk) return onAnswer(true);
    setProblem(result.problem.detail);
    setSending(false);
  };
  const begin = () => {
    setProblem(undefined);
    setSending(true);
  };
  const signWithPasskey = async () => {
    begin();
    const options = await callApi<PasskeyOptions>("POST", "/api/account/step-up/options");
    const answer = options.isOk
      ? await askPasskey(options.data)
      : { isOk: false as const, words: options.problem.detail };
    if (answer.isOk) return send({ passkey: answer.credential });
    setProblem(answer.words);
    setSending(false);
  };
  const submit = (form: HTMLFormElement) => {
    const code = String(new FormData(form).get(way) ?? "").trim();
    if (code === "") return setProblem(way === "code" ? "Type the 6 digits." : "Type one of your recovery codes.");
    begin();
    void send(way === "code" ? { code } : { recoveryCode: code });
  };
  return (
    <ModalDialog
      isOpen
      onOpenChange={(isOpen) => isOpen || onAnswer(false)}
      returnFocusTo={opener}
      title="Confirm it is you"
      description="What you are about to do asks for your second factor again. It then counts for ten minutes."
    >
      <form
        ref={form}
        noValidate
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <FactorField key={way} id={id} way={way} describedBy={problem ? `${id}-error` : undefined} takesFocus />
        <FieldError id={`${id}-error`} error={problem} />
        <div className="mt-4 flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            {isSending ? "Confirming…" : "Confirm"}
          </Button>
          <Button kind="quiet" onClick={() => onAnswer(false)}>
            Cancel
          </Button>
        </div>
      </form>
      <div className="mt-4 grid justify-items-start gap-2 border-t border-line pt-3.5 phone:-mb-2 phone:gap-0 phone:pt-2">
        <button type="button" className={linkButtonClass} disabled={isSending} onClick={() => void signWithPasskey()}>
          Use a passkey instead
        </button>
        <button
          type="button"
          className={linkButtonClass}
          disabled={isSending}
          onClick={() => {
            setProblem(undefined);
            setWay(way === "code" ? "recoveryCode" : "code");
          }}
        >
          {way === "code" ? "Use a recovery code" : "Use a code from the app"}
        </button>
      </div>
    </ModalDialog>
  );
}
