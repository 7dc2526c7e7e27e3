"use client";
import { type ComponentProps, useState } from "react";
import { Button } from "./button";
import { fieldClass, inputClass } from "./field";
import { Icon } from "./icons";

/** What a sign-in attempt came to. The same words for every refusal: nothing tells a wrong password from an unknown user. */
export type SignInOutcome = { isOk: true; goTo: string } | { isOk: false; message: string };

type LoginFormProps = {
  firmName: string;
  host: string;
  /** Sends the credentials; given by the page, which knows how this house signs in. */
  signIn: (email: string, password: string) => Promise<SignInOutcome>;
};

/** E-mail and password. The button stays usable: a refusal is said in words above it and read out. */
export function LoginForm({ firmName, host, signIn }: LoginFormProps) {
  const [isShown, setShown] = useState(false);
  const [isSending, setSending] = useState(false);
  const [message, setMessage] = useState("");
  const send = async (form: FormData) => {
    setSending(true);
    setMessage("");
    const outcome = await signIn(String(form.get("email") ?? ""), String(form.get("password") ?? ""));
    if (outcome.isOk) return window.location.assign(outcome.goTo);
    setSending(false);
    setMessage(outcome.message);
  };
  return (
    <form
      method="post"
      className="w-full max-w-[348px]"
      onSubmit={(event) => {
        event.preventDefault();
        void send(new FormData(event.currentTarget));
      }}
    >
      <h1 className="text-20 font-head tracking-[-0.015em]">Sign in to {firmName}</h1>
      <p className="mt-1 mb-6 text-ink-2">{host}</p>
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
