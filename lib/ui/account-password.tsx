"use client";
import { useRouter } from "next/navigation";
import { type ComponentProps, useId, useState } from "react";
import { AccountFact, AccountForm } from "./account-form";
import { fieldProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { formatDay } from "./format";
import { GateField } from "./gate-field";
import { PasswordField } from "./password-field";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import { useDisclosure } from "./use-disclosure";

type AccountPasswordProps = {
  changedAt: string | null;
  about: ComponentProps<typeof PasswordField>["about"];
  timeZone: string;
  now: string;
};

/** The password: since when, and another one for who knows it. */
export function AccountPassword({ changedAt, about, timeZone, now }: AccountPasswordProps) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const { isOpen, setOpen, opener } = useDisclosure();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const change = async (form: FormData) => {
    const text = (field: string) => String(form.get(field) ?? "");
    setSending(true);
    const body = { current: text("current"), password: text("password") };
    const result = await call<null>("POST", "/api/account/password", body);
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setOpen(false);
    showToast({ kind: "done", text: "Password changed. You are signed out everywhere else" });
    router.refresh();
  };
  const toggle = (open: boolean) => {
    setProblem(null);
    setOpen(open);
  };
  return (
    <Section id="password" title="Password">
      <AccountFact
        action={
          isOpen ? null : (
            <Button ref={opener} onClick={() => toggle(true)}>
              Change password
            </Button>
          )
        }
      >
        {changedAt ? `Chosen ${formatDay(changedAt, timeZone, now)}.` : "Never changed here."} Changing it signs you out
        everywhere else.
      </AccountFact>
      {isOpen ? (
        <AccountForm
          id={id}
          verb={isSending ? "Changing…" : "Change password"}
          isSending={isSending}
          problem={problem}
          fields={["current", "password"]}
          onSend={(form) => void change(form)}
          onCancel={() => toggle(false)}
        >
          <input type="text" name="username" value={about.email} autoComplete="username" readOnly hidden />
          <GateField
            id={`${id}-current`}
            name="current"
            label="Present password"
            type="password"
            autoComplete="current-password"
            required
            isCompact
            error={fieldProblem(problem, "current")}
          />
          <PasswordField
            id={`${id}-password`}
            label="New password"
            about={about}
            isCompact
            error={fieldProblem(problem, "password")}
          />
        </AccountForm>
      ) : null}
    </Section>
  );
}
