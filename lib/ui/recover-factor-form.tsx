"use client";
import { useState } from "react";
import type { RecoveryCodes } from "@/lib/contracts/account";
import { fieldProblem, otherProblem } from "./api-client";
import { AuthenticatorStep } from "./authenticator-step";
import { Button } from "./button";
import { DeadLink } from "./dead-link";
import { FieldError } from "./field";
import { GateField } from "./gate-field";
import { NewRecoveryCodes } from "./new-recovery-codes";
import { ShowPassword } from "./show-password";
import { useLinkForm } from "./use-link-form";

type RecoverFactorFormProps = { link: string; firmName: string; host: string; email: string };

const FIELDS = ["password", "code"];

/** A new authenticator by a link of an admin, for who lost theirs. The password is asked for as well: the link alone is one half. */
export function RecoverFactorForm({ link, firmName, host, email }: RecoverFactorFormProps) {
  const { form, problem, isSending, isDead, done, send } = useLinkForm<RecoveryCodes>("/api/recover/factor");
  const [isOfferDead, setOfferDead] = useState(false);
  const [isShown, setShown] = useState(false);
  if (done) return <NewRecoveryCodes codes={done.reply.codes} host={host} title="Your new authenticator is set up" />;
  if (isDead || isOfferDead) return <DeadLink purpose="factor" />;
  const submit = (data: FormData) => {
    const text = (field: string) => String(data.get(field) ?? "");
    void send({ link, password: text("password"), code: text("code").trim() });
  };
  return (
    <form
      ref={form}
      className="w-full max-w-[420px]"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <h1 className="text-20 font-head tracking-[-0.015em]">Set up a new authenticator</h1>
      <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">
        For {firmName}. The old one, your passkeys and old recovery codes stop working.
      </p>
      <GateField id="email" label="E-mail" type="email" value={email} autoComplete="username" readOnly />
      <GateField
        id="password"
        name="password"
        label="Password"
        type={isShown ? "text" : "password"}
        autoComplete="current-password"
        required
        error={fieldProblem(problem, "password")}
        after={<ShowPassword isShown={isShown} onToggle={() => setShown(!isShown)} />}
      />
      <AuthenticatorStep
        id="authenticator"
        offerPath="/api/recover/factor/offer"
        link={link}
        problem={problem}
        onDead={setOfferDead}
      />
      <FieldError id="recover-problem" error={otherProblem(problem, FIELDS)} />
      <Button
        type="submit"
        kind="primary"
        disabled={isSending}
        className="mt-[22px] h-10! w-full text-14 phone:h-12! phone:text-16"
      >
        {isSending ? "Setting up…" : "Set up and sign in"}
      </Button>
    </form>
  );
}
