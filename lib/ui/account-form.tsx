import type { ReactNode } from "react";
import { otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError } from "./field";
import { takeFocus } from "./use-disclosure";

type AccountFormProps = {
  id: string;
  verb: string;
  isSending: boolean;
  problem: Problem | null;
  /** The fields that show their own fault. */
  fields: readonly string[];
  onSend: (form: FormData) => void;
  onCancel: () => void;
  children: ReactNode;
};

/** A small form that opens inside a section of one's account: fields, what went wrong, one verb and the way back. */
export function AccountForm({ id, verb, isSending, problem, fields, onSend, onCancel, children }: AccountFormProps) {
  return (
    <form
      ref={takeFocus}
      className="mt-3 max-w-[440px]"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(new FormData(event.currentTarget));
      }}
    >
      {children}
      <FieldError id={`${id}-problem`} error={otherProblem(problem, fields)} />
      <div className="mt-4 flex gap-2">
        <Button type="submit" kind="primary" disabled={isSending}>
          {verb}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** A fact of one's account with what can be done about it at the right. */
export function AccountFact({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex items-start gap-4 phone:flex-wrap">
      <div className="min-w-0 max-w-[66ch] flex-1 text-ink-2 phone:basis-full">{children}</div>
      {action}
    </div>
  );
}
