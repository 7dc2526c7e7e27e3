"use client";
import { useEffect, useRef } from "react";
import { fieldProblem, otherProblem } from "./api-client";
import { Button, buttonClass } from "./button";
import { DeadLink } from "./dead-link";
import { FieldError } from "./field";
import { GateField } from "./gate-field";
import { PasswordField } from "./password-field";
import { useLinkForm } from "./use-link-form";

type RecoverPasswordFormProps = {
  link: string;
  firmName: string;
  slug: string;
  host: string;
  email: string;
  name: string;
};

/** A new password by a link of an admin. It opens nothing by itself: signing in still takes the code. */
export function RecoverPasswordForm({ link, ...about }: RecoverPasswordFormProps) {
  const { form, problem, isSending, isDead, done, send } = useLinkForm<null>("/api/recover/password");
  if (done) return <PasswordSet />;
  if (isDead) return <DeadLink purpose="password" />;
  return (
    <form
      ref={form}
      className="w-full max-w-[420px]"
      onSubmit={(event) => {
        event.preventDefault();
        void send({ link, password: String(new FormData(event.currentTarget).get("password") ?? "") });
      }}
    >
      <h1 className="text-20 font-head tracking-[-0.015em]">Choose a new password</h1>
      <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">
        For {about.firmName}. You will be signed out everywhere, and sign in with it and your code.
      </p>
      <GateField id="email" label="E-mail" type="email" value={about.email} autoComplete="username" readOnly />
      <PasswordField id="password" label="New password" about={about} error={fieldProblem(problem, "password")} />
      <FieldError id="recover-problem" error={otherProblem(problem, ["password"])} />
      <Button
        type="submit"
        kind="primary"
        disabled={isSending}
        className="mt-[22px] h-10! w-full text-14 phone:h-12! phone:text-16"
      >
        {isSending ? "Saving…" : "Set the new password"}
      </Button>
    </form>
  );
}

function PasswordSet() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="w-full max-w-[420px]">
      <h1 ref={heading} tabIndex={-1} className="text-20 font-head tracking-[-0.015em] focus-visible:shadow-none">
        Your new password is set
      </h1>
      <p className="mt-2 text-ink-2">Sign in with it and a code from your authenticator app.</p>
      <a href="/login" className={buttonClass("primary", "mt-5")}>
        Sign in
      </a>
    </div>
  );
}
