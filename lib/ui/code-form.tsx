"use client";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import type { PasskeyOptions } from "@/lib/contracts/account";
import { callApi } from "./api-client";
import { Button } from "./button";
import { FactorField, linkButtonClass } from "./factor-field";
import { FieldError } from "./field";
import { SIGN_IN } from "./login-form";
import { askPasskey } from "./passkey";
import { forgetTypedEmail, typedEmail } from "./typed-email";
import { useSending } from "./use-sending";

type CodeFormProps = {
  /** Which field is asked for. */
  way: "code" | "recoveryCode";
  /** Where to go on to: what was asked for, checked by the server again. */
  callbackUrl: string;
  /** The same page with the other field. */
  otherHref: string;
  /** The first step again. */
  startHref: string;
};

const WORDS = {
  code: {
    title: "Enter your 6-digit code",
    source: "From the authenticator app",
    hint: "A code works once and changes every 30 seconds.",
    other: "Use a recovery code",
  },
  recoveryCode: {
    title: "Enter a recovery code",
    source: "One of the ten you kept when you set up the app",
    hint: "Each works once.",
    other: "Use a code from the app",
  },
} as const;

/** The second step of signing in: a plain form with one field, and a passkey where there is a script. It looks the same for everybody. */
export function CodeForm({ way, callbackUrl, otherHref, startHref }: CodeFormProps) {
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useSending();
  const signed = useRef<HTMLInputElement>(null);
  useEffect(() => setEmail(typedEmail()), []);
  const words = WORDS[way];
  const signWithPasskey = async () => {
    setProblem(undefined);
    setSending(true);
    const options = await callApi<PasskeyOptions>("POST", "/api/auth/passkey-options");
    const answer = options.isOk
      ? await askPasskey(options.data)
      : { isOk: false as const, words: options.problem.detail };
    if (!answer.isOk) {
      setProblem(answer.words);
      return setSending(false);
    }
    if (!signed.current) return;
    signed.current.value = JSON.stringify(answer.credential);
    signed.current.form?.submit();
  };
  return (
    <div className="w-full max-w-[348px]">
      <form method="post" action={SIGN_IN} onSubmit={() => setSending(true)}>
        <input type="hidden" name="callbackUrl" value={callbackUrl} />
        <h1 className="text-20 font-head tracking-[-0.015em]">{words.title}</h1>
        <p className="mt-1 mb-6 [overflow-wrap:anywhere] text-ink-2">
          {words.source}
          {email ? ` of ${email}` : ""}
        </p>
        <FactorField key={way} id={way} way={way} hint={words.hint} takesFocus />
        <FieldError id="code-problem" error={problem} />
        <Button
          type="submit"
          kind="primary"
          disabled={isSending}
          className="mt-5 h-10! w-full text-14 phone:h-12! phone:text-16"
        >
          {isSending ? "Signing in…" : "Sign in"}
        </Button>
      </form>
      <form method="post" action={SIGN_IN} hidden>
        <input type="hidden" name="callbackUrl" value={callbackUrl} />
        <input ref={signed} type="hidden" name="passkey" />
      </form>
      <div className="mt-[18px] grid justify-items-start gap-2 border-t border-line pt-4 phone:gap-0 phone:pt-2.5">
        <button
          type="button"
          disabled={isSending}
          onClick={() => void signWithPasskey()}
          className={`${linkButtonClass} noscript:hidden`}
        >
          Use a passkey instead
        </button>
        <Link href={otherHref} prefetch={false} className={otherClass}>
          {words.other}
        </Link>
        <a href={startHref} onClick={forgetTypedEmail} className={otherClass}>
          Not you? Start again
        </a>
        <p className="mt-2 text-ink-3">Lost your authenticator? Ask an admin of your firm for a link.</p>
      </div>
    </div>
  );
}

const otherClass = "flex min-h-6 items-center phone:min-h-11";
