"use client";
import { useEffect, useRef } from "react";
import { RecoveryCodesShown } from "./recovery-codes";

type NewRecoveryCodesProps = { codes: string[]; host: string; title: string };

/** The last step at the door: the recovery codes, then in. */
export function NewRecoveryCodes({ codes, host, title }: NewRecoveryCodesProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // what was on the page is gone, so whoever cannot see that is told by where the focus is
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="w-full max-w-[420px]">
      <h1
        ref={heading}
        tabIndex={-1}
        className="[overflow-wrap:anywhere] text-20 font-head tracking-[-0.015em] focus-visible:shadow-none"
      >
        {title}
      </h1>
      <p className="mt-1 text-ink-2">
        One last thing: these ten recovery codes let you in when the app is not at hand.
      </p>
      <RecoveryCodesShown codes={codes} host={host} onKept={() => window.location.assign("/")} />
    </div>
  );
}
