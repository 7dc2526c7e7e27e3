import type { LinkPurpose } from "@/lib/contracts/account";
import { buttonClass } from "./button";

const WORDS: Record<LinkPurpose, { title: string; why: string; next: string }> = {
  join: {
    title: "This invitation can no longer be used",
    why: "An invitation works once, for three days, and a newer one replaces it.",
    next: "If you have joined already, sign in. If not, ask the person who invited you for a new one.",
  },
  password: {
    title: "This link can no longer be used",
    why: "A link for a new password works once, for one hour, and a newer one replaces it.",
    next: "If you have chosen your new password already, sign in. If not, ask an admin of your firm for a new link.",
  },
  factor: {
    title: "This link can no longer be used",
    why: "A link for a new authenticator works once, for one day, and a newer one replaces it.",
    next: "If you have set up the new one already, sign in. If not, ask an admin of your firm for a new link.",
  },
};

/** What a one-time link shows once it opens nothing: why, and what to do. The same for every way of being no good. */
export function DeadLink({ purpose }: { purpose: LinkPurpose }) {
  const { title, why, next } = WORDS[purpose];
  return (
    <div className="w-full max-w-[420px]">
      <h1 className="text-20 font-head tracking-[-0.015em]">{title}</h1>
      <p className="mt-2 text-ink-2">{why}</p>
      <p className="mt-2 text-ink-2">{next}</p>
      <a href="/login" className={buttonClass("plain", "mt-5")}>
        Sign in
      </a>
    </div>
  );
}
