"use client";
import { lazy, Suspense, useEffect, useState } from "react";
import { callApi } from "./api-client";

type Question = { opener: HTMLElement | null; answer: (isConfirmed: boolean) => void };

/* The dialog of the page, while a page with one is shown; and the question it is asking, so that two callers share one dialog. */
let ask: ((question: Question) => void) | undefined;
let asking: Promise<boolean> | undefined;

const focused = (): HTMLElement | null =>
  document.activeElement instanceof HTMLElement ? document.activeElement : null;

/** Asks the reader for the second factor again; false when they would rather not. For what is no API call, such as a large download. */
export function confirmFactor(opener: HTMLElement | null = focused()): Promise<boolean> {
  if (!ask) return Promise.resolve(false);
  const show = ask;
  asking ??= new Promise<boolean>((answer) => show({ opener, answer })).finally(() => {
    asking = undefined;
  });
  return asking;
}

/* A button that is switched off while it works loses the focus, so where to come back to is noted first. */
const protectedCall: typeof callApi = async (...call) => {
  const opener = focused();
  const first = await callApi<never>(...call);
  if (first.isOk || first.problem.code !== "mfa_required") return first;
  return (await confirmFactor(opener)) ? callApi(...call) : first;
};

/** `callApi` for what needs a fresh factor: on `mfa_required` it asks for it, then repeats the call once. Who cancels gets the first refusal back. */
export const useProtectedCall = (): typeof callApi => protectedCall;

const StepUpDialog = lazy(() => import("./step-up-dialog"));

/** The place of the dialog; once, in the shell. */
export function StepUp() {
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(() => {
    let open: Question | undefined;
    ask = (asked) => {
      open = asked;
      setQuestion(asked);
    };
    return () => {
      ask = undefined;
      open?.answer(false);
    };
  }, []);
  if (!question) return null;
  return (
    <Suspense fallback={null}>
      <StepUpDialog
        opener={question.opener}
        onAnswer={(isConfirmed) => {
          question.answer(isConfirmed);
          setQuestion(null);
        }}
      />
    </Suspense>
  );
}
