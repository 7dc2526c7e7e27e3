"use client";
import { type ComponentProps, useState } from "react";
import { Button } from "./button";
import { fieldClass, inputClass } from "./field";
import { Icon } from "./icons";
import { signInProblem } from "./sign-in-problem";

type LoginFormProps = {
  firmName: string;
  host: string;
  /** Where to go on to: what was asked for, checked by the server again. */
  callbackUrl: string;
  /** What the last try came to, when the form was sent without JavaScript. */
  problem?: string | undefined;
};

const SIGN_IN = "/api/auth/callback/credentials";

/** E-mail and password: a plain form, sent by script where there is one so that the e-mail stays typed after a refusal. */
export function LoginForm({ firmName, host, callbackUrl, problem }: LoginFormProps) {
  const [isShown, setShown] = useState(false);
  const [isSending, setSending] = useState(false);
  const [message, setMessage] = useState(problem);
  const send = async (form: HTMLFormElement) => {
    setSending(true);
    setMessage(undefined);
    try {
      const body = new URLSearchParams(
        [...new FormData(form)].map(([name, value]): [string, string] => [name, String(value)]),
      );
      const response = await fetch(SIGN_IN, { method: "POST", headers: { accept: "application/json" }, body });
      const reply = (await response.json()) as { ok?: boolean; url?: string };
      if (reply.ok && reply.url) return window.location.assign(reply.url);
      setMessage(
        signInProblem(new URL(reply.url ?? "", window.location.origin).searchParams.get("error") ?? "unknown"),
      );
    } catch {
      setMessage(signInProblem("unknown"));
    }
    setSending(false);
  };
  return (
    <form
      method="post"
      action={SIGN_IN}
      className="w-full max-w-[348px]"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      <input type="hidden" name="callbackUrl" value={callbackUrl} />
      <h1 className="[overflow-wrap:anywhere] text-20 font-head tracking-[-0.015em]">Sign in to {firmName}</h1>
      <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">{host}</p>
      <Box label="E-mail" id="email" name="email" type="email" autoComplete="username" required />
      <Box
        label="Password"
        id="password"
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete="current-password"
        required
        after={
          <button
            type="button"
            aria-pressed={isShown}
            aria-label="Show password"
            onClick={() => setShown(!isShown)}
            className="min-h-6 text-13 text-ink-2 phone:min-h-11"
          >
            {isShown ? "Hide" : "Show"}
          </button>
        }
      />
      <p role="alert" className="text-danger">
        {message ? (
          <span className="mt-3.5 flex items-start gap-1.5">
            <Icon name="warn" className="mt-0.5" />
            {message}
          </span>
        ) : null}
      </p>
      <Button
        type="submit"
        kind="primary"
        disabled={isSending}
        className="mt-[22px] h-10! w-full text-14 phone:h-12! phone:text-16"
      >
        {isSending ? "Signing in…" : "Sign in"}
      </Button>
    </form>
  );
}

function Box({
  label,
  id,
  after,
  ...input
}: ComponentProps<"input"> & { label: string; id: string; after?: React.ReactNode }) {
  return (
    <>
      <label htmlFor={id} className="mt-4 mb-1.5 block font-emph">
        {label}
      </label>
      <div className={`${fieldClass} h-10! px-2.5 text-14 phone:h-12!`}>
        <input id={id} className={`${inputClass} text-14`} {...input} />
        {after}
      </div>
    </>
  );
}
