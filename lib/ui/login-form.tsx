"use client";
import { useEffect, useRef, useState } from "react";
import { Button } from "./button";
import { FieldError } from "./field";
import { GateField } from "./gate-field";
import { ShowPassword } from "./show-password";
import { keepTypedEmail, typedEmail } from "./typed-email";
import { useSending } from "./use-sending";

type LoginFormProps = {
  firmName: string;
  host: string;
  /** Where to go on to: what was asked for, checked by the server again. */
  callbackUrl: string;
  /** What the last try came to. */
  problem?: string | undefined;
};

/** Where both steps of signing in are sent. */
export const SIGN_IN = "/api/auth/callback/credentials";

/** E-mail and password, the first of two steps. A plain form: whatever was typed, the code is asked for next. */
export function LoginForm({ firmName, host, callbackUrl, problem }: LoginFormProps) {
  const [isShown, setShown] = useState(false);
  const [isSending, setSending] = useSending();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const typed = problem ? typedEmail() : "";
    if (!typed || !email.current || email.current.value !== "") return;
    email.current.value = typed;
    password.current?.focus();
  }, [problem]);
  return (
    <form
      method="post"
      action={SIGN_IN}
      className="w-full max-w-[348px]"
      onSubmit={() => {
        keepTypedEmail(email.current?.value ?? "");
        setSending(true);
      }}
    >
      <input type="hidden" name="callbackUrl" value={callbackUrl} />
      <h1 className="[overflow-wrap:anywhere] text-20 font-head tracking-[-0.015em]">Sign in to {firmName}</h1>
      <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">{host}</p>
      <GateField
        ref={email}
        label="E-mail"
        id="email"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        required
      />
      <GateField
        ref={password}
        label="Password"
        id="password"
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete="current-password"
        required
        after={<ShowPassword isShown={isShown} onToggle={() => setShown(!isShown)} />}
      />
      <FieldError id="sign-in-problem" error={problem} />
      <Button
        type="submit"
        kind="primary"
        disabled={isSending}
        className="mt-[22px] h-10! w-full text-14 phone:h-12! phone:text-16"
      >
        {isSending ? "Signing in…" : "Sign in"}
      </Button>
      <p className="mt-[18px] border-t border-line pt-4 text-ink-2">
        Forgot your password? Ask an admin of your firm for a link to choose a new one. You still need your code.
      </p>
    </form>
  );
}
