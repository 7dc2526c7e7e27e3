import type { ComponentProps, ReactNode } from "react";
import { FieldError, fieldClass, inputClass } from "./field";

type GateFieldProps = ComponentProps<"input"> & {
  id: string;
  label: string;
  after?: ReactNode;
  /** What stands below it: a hint or a judgement, with its id in `noteId`. */
  note?: ReactNode;
  noteId?: string | undefined;
  error?: string | undefined;
  /** As high as the fields inside the house, instead of those at its door. */
  isCompact?: boolean;
};

/** An input at the door: larger than inside, label above, fault below. */
export function GateField({
  id,
  label,
  after,
  note,
  noteId,
  error,
  isCompact = false,
  readOnly,
  ...input
}: GateFieldProps) {
  const notes = [noteId, error ? `${id}-error` : undefined].filter(Boolean).join(" ");
  return (
    <>
      <label htmlFor={id} className="mt-4 mb-1.5 block font-emph">
        {label}
      </label>
      <div
        className={`${fieldClass} ${isCompact ? "" : "h-10! px-2.5 text-14 phone:h-12!"} ${error ? "border-danger!" : ""} ${readOnly ? "border-line! bg-sunken!" : ""}`}
      >
        <input
          id={id}
          readOnly={readOnly}
          className={`${inputClass} ${isCompact ? "" : "text-14"}`}
          aria-invalid={error ? true : undefined}
          aria-describedby={notes || undefined}
          {...input}
        />
        {after}
      </div>
      {note}
      <FieldError id={`${id}-error`} error={error} />
    </>
  );
}
