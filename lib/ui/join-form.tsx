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
import { PasswordField } from "./password-field";
import { useLinkForm } from "./use-link-form";

type JoinFormProps = {
  link: string;
  firmName: string;
  slug: string;
  host: string;
  /** Who is invited; the name is what the inviter typed, for them to correct. */
  email: string;
  name: string;
  /** As what: `You are invited as attorney: works leads and exports them.` */
  invitation: string;
};

const FIELDS = ["name", "password", "code"];

/** An invited person's own name, password and authenticator: all of it counts together. Afterwards the recovery codes, once. */
export function JoinForm({ link, firmName, slug, host, email, name, invitation }: JoinFormProps) {
  const { form, problem, isSending, isDead, done, send } = useLinkForm<RecoveryCodes>("/api/join");
  const [isOfferDead, setOfferDead] = useState(false);
  const [typedName, setTypedName] = useState(name);
  if (done) return <NewRecoveryCodes codes={done.reply.codes} host={host} title={`You have joined ${firmName}`} />;
  if (isDead || isOfferDead) return <DeadLink purpose="join" />;
  const submit = (data: FormData) => {
    const text = (field: string) => String(data.get(field) ?? "");
    void send({ link, name: text("name").trim(), password: text("password"), code: text("code").trim() });
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
      <h1 className="[overflow-wrap:anywhere] text-20 font-head tracking-[-0.015em]">Join {firmName}</h1>
      <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">{invitation}</p>
      <GateField id="email" label="E-mail" type="email" value={email} autoComplete="username" readOnly />
      <GateField
        id="name"
        name="name"
        label="Name"
        defaultValue={name}
        maxLength={120}
        autoComplete="name"
        required
        onChange={({ currentTarget }) => setTypedName(currentTarget.value)}
        error={fieldProblem(problem, "name")}
      />
      <PasswordField
        id="password"
        label="Password"
        about={{ firmName, slug, host, name: `${name} ${typedName}`, email }}
        error={fieldProblem(problem, "password")}
      />
      <AuthenticatorStep
        id="authenticator"
        offerPath="/api/join/offer"
        link={link}
        problem={problem}
        onDead={setOfferDead}
      />
      <FieldError id="join-problem" error={otherProblem(problem, FIELDS)} />
      <Button
        type="submit"
        kind="primary"
        disabled={isSending}
        className="mt-[22px] h-10! w-full text-14 phone:h-12! phone:text-16"
      >
        {isSending ? "Joining…" : "Join"}
      </Button>
    </form>
  );
}
