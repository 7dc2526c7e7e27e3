"use client";
import { fieldClass, inputClass } from "./field";

/** A button that reads as a link: a quiet other way beside the main one. */
export const linkButtonClass =
  "min-h-6 text-accent hover:underline hover:underline-offset-3 disabled:text-ink-3 phone:min-h-11";

/* One function for good, so that it runs when the field appears and not with every keystroke. */
const focus = (input: HTMLInputElement | null) => input?.focus();

type FactorFieldProps = {
  id: string;
  /** The field's name on the wire. */
  way: "code" | "recoveryCode";
  /** The id of what is wrong with it. */
  describedBy?: string | undefined;
  /** A line below, when there is no problem to tell. */
  hint?: string;
  /** Typing goes here as soon as it is shown. */
  takesFocus?: boolean;
};

/** Six digits of an authenticator app, large enough to compare, or a recovery code. Phones offer the number pad and the code they know. */
export function FactorField({ id, way, describedBy, hint, takesFocus = false }: FactorFieldProps) {
  const notes = [hint ? `${id}-hint` : "", describedBy ?? ""].filter(Boolean).join(" ");
  const isCode = way === "code";
  return (
    <>
      <label htmlFor={id} className="mb-1.5 block font-emph">
        {isCode ? "Code" : "Recovery code"}
      </label>
      <div className={`${fieldClass} ${describedBy ? "border-danger!" : ""} h-[52px]! px-4`}>
        <input
          id={id}
          name={way}
          ref={takesFocus ? focus : undefined}
          required
          autoComplete={isCode ? "one-time-code" : "off"}
          {...(isCode ? { inputMode: "numeric", pattern: "[0-9 ]*", maxLength: 11 } : { maxLength: 40 })}
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={describedBy ? true : undefined}
          aria-describedby={notes || undefined}
          className={`${inputClass} num text-20! ${isCode ? "tracking-[0.35em]" : "tracking-[0.08em]"}`}
        />
      </div>
      {hint ? (
        <p id={`${id}-hint`} className="mt-1.5 text-12 text-ink-3 phone:text-13">
          {hint}
        </p>
      ) : null}
    </>
  );
}
