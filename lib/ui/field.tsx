import type { ComponentProps, ReactNode } from "react";
import { Icon } from "./icons";

/** Classes of the box around an input. */
export const fieldClass =
  "flex h-ctl items-center gap-1.5 rounded-ctl border border-edge bg-canvas px-2 text-ink-3 focus-within:shadow-[var(--focus)]";
/** Classes of an input inside that box; 16 px on a phone, where a smaller one makes the page zoom. */
export const inputClass =
  "h-full min-w-0 flex-1 border-0 bg-transparent p-0 text-ink focus-visible:shadow-none phone:text-[16px]";

type FieldProps = ComponentProps<"input"> & {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  after?: ReactNode;
};

/** An input with its label above, and its fault beside it in words until it is mended. */
export function Field({ id, label, hint, error, after, className = "", ...input }: FieldProps) {
  const notes = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-emph">
        {label}
      </label>
      <div className={`${fieldClass} ${error ? "border-danger!" : ""}`}>
        <input
          id={id}
          className={inputClass}
          aria-invalid={error ? true : undefined}
          aria-describedby={notes || undefined}
          {...input}
        />
        {after}
      </div>
      {hint ? (
        <p id={`${id}-hint`} className="mt-1.5 text-12 text-ink-3 phone:text-13">
          {hint}
        </p>
      ) : null}
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

/** What is wrong with a field, in words. */
export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  return error ? (
    <p id={id} role="alert" className="mt-1.5 flex items-start gap-1.5 text-danger">
      <Icon name="warn" className="mt-0.5" />
      {error}
    </p>
  ) : null;
}
