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
  return (
    <div className={className}>
      <Label id={id}>{label}</Label>
      <div className={`${fieldClass} ${error ? "border-danger!" : ""}`}>
        <input
          id={id}
          className={inputClass}
          aria-invalid={error ? true : undefined}
          aria-describedby={notesOf(id, hint, error)}
          {...input}
        />
        {after}
      </div>
      <Hint id={id}>{hint}</Hint>
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

/** Classes of a select that stands by itself. */
export const selectClass =
  "h-ctl w-full rounded-ctl border border-edge bg-canvas px-2 text-ink focus-visible:rounded-ctl disabled:text-ink-3 phone:text-16";

type SelectFieldProps = ComponentProps<"select"> & {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
};

/** A choice of one, with its label above, and its fault beside it in words until it is mended. */
export function SelectField({ id, label, hint, error, className = "", ...select }: SelectFieldProps) {
  return (
    <div className={className}>
      <Label id={id}>{label}</Label>
      <select
        id={id}
        className={selectClass}
        aria-invalid={error ? true : undefined}
        aria-describedby={notesOf(id, hint, error)}
        {...select}
      />
      <Hint id={id}>{hint}</Hint>
      <FieldError id={`${id}-error`} error={error} />
    </div>
  );
}

const notesOf = (id: string, hint: ReactNode, error: string | undefined): string | undefined =>
  [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;

const Label = ({ id, children }: { id: string; children: string }) => (
  <label htmlFor={id} className="mb-1.5 block font-emph">
    {children}
  </label>
);

const Hint = ({ id, children }: { id: string; children: ReactNode }) =>
  children ? (
    <p id={`${id}-hint`} className="mt-1.5 text-12 text-ink-3 phone:text-13">
      {children}
    </p>
  ) : null;

/** What is wrong with a field, in words. */
export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  return error ? (
    <p id={id} role="alert" className="mt-1.5 flex items-start gap-1.5 text-danger">
      <Icon name="warn" className="mt-0.5" />
      {error}
    </p>
  ) : null;
}
