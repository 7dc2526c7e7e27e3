"use client";
import { type RefObject, useEffect, useRef, useState } from "react";
import { callApi, type Problem } from "./api-client";

type LinkForm<T> = {
  form: RefObject<HTMLFormElement | null>;
  /** Why the last try was refused; the first field at fault has the focus. */
  problem: Problem | null;
  isSending: boolean;
  /** The link was spent, replaced or ran out, perhaps meanwhile. */
  isDead: boolean;
  /** What the server answered once everything was right. */
  done: { reply: T } | null;
  send: (body: unknown) => Promise<void>;
};

/** A form behind a one-time link: everything it asks for counts together, and a refusal leaves what was typed. */
export function useLinkForm<T>(path: string): LinkForm<T> {
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const [done, setDone] = useState<{ reply: T } | null>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem]);
  const send = async (body: unknown) => {
    setSending(true);
    setProblem(null);
    const result = await callApi<T>("POST", path, body);
    setSending(false);
    if (result.isOk) setDone({ reply: result.data });
    else setProblem(result.problem);
  };
  return { form, problem, isSending, isDead: problem?.code === "not_found", done, send };
}
