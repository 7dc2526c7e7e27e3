"use client";
import { useEffect, useId, useRef, useState } from "react";
import type { InviteUser, UserDto } from "@/lib/contracts/users";
import { ROLE_WORDS, ROLES, type Role, UNLIMITED_ROLES } from "@/lib/core/role";
import { fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError } from "./field";
import { type ScopeChoice, ScopeFields } from "./user-scope-fields";

type UserFormProps = {
  /** The user to change; none to invite one. */
  user?: UserDto;
  /** Only an owner makes owners. */
  mayMakeOwners: boolean;
  problem: Problem | null;
  isSending: boolean;
  onSave: (values: InviteUser) => void;
  onCancel: () => void;
};

const NOTHING = { counties: [], classes: [] };

/** Who is invited, as what, and what they will see; or the last two of a user who is there. */
export function UserForm({ user, mayMakeOwners, problem, isSending, onSave, onCancel }: UserFormProps) {
  const id = useId();
  const [role, setRole] = useState<Role>(user?.role ?? "attorney");
  const [choice, setChoice] = useState<ScopeChoice>(() => choiceOf(user));
  const [missing, setMissing] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem]);
  const isUnlimited = UNLIMITED_ROLES.includes(role);
  const send = (data: FormData) => {
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const scope = isUnlimited || !choice.isLimited ? NOTHING : choice.scope;
    if (!isUnlimited && choice.isLimited && scope.counties.length + scope.classes.length === 0)
      return setMissing("Choose a county or a class of charge, or let them see every lead.");
    setMissing(undefined);
    const { email, name } = user ?? { email: text("email"), name: text("name") };
    onSave({ email, name, role, scope });
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        send(new FormData(event.currentTarget));
      }}
      className="mt-4 grid gap-4"
    >
      {user ? null : (
        <>
          <Field
            id={`${id}-name`}
            name="name"
            label="Name"
            maxLength={120}
            required
            autoComplete="off"
            error={fieldProblem(problem, "name")}
          />
          <Field
            id={`${id}-email`}
            name="email"
            type="email"
            label="E-mail"
            hint="They sign in with it. Nothing is sent there: you hand the link over."
            maxLength={254}
            required
            autoComplete="off"
            error={fieldProblem(problem, "email")}
          />
        </>
      )}
      <fieldset className="m-0 min-w-0 border-0 p-0">
        <legend className="mb-1 font-emph">Role</legend>
        {ROLES.filter((each) => mayMakeOwners || each !== "owner").map((each) => (
          <label key={each} className="flex min-h-6 items-start gap-2 py-1 phone:min-h-11">
            <input
              type="radio"
              name="role"
              value={each}
              checked={role === each}
              onChange={() => setRole(each)}
              className="ck mt-0.5 flex-none"
            />
            <span>
              <span className="font-emph">{ROLE_WORDS[each].name}</span>
              <small className="block text-12 text-ink-2 phone:text-13">{ROLE_WORDS[each].meaning}</small>
            </span>
          </label>
        ))}
        <FieldError id={`${id}-role-error`} error={fieldProblem(problem, "role")} />
      </fieldset>
      {isUnlimited ? (
        <p className="text-ink-2">{ROLE_WORDS[role].name}s see every lead of the firm.</p>
      ) : (
        <ScopeFields
          id={id}
          choice={choice}
          error={missing ?? fieldProblem(problem, "scope")}
          onChange={(next) => {
            setMissing(undefined);
            setChoice(next);
          }}
        />
      )}
      <FieldError id={`${id}-error`} error={otherProblem(problem, ["name", "email", "role", "scope"])} />
      <div className="sticky -bottom-5 -mx-5 -mb-5 flex gap-2 border-t border-line bg-raised px-5 py-3">
        <Button type="submit" kind="primary" disabled={isSending}>
          {user ? (isSending ? "Saving…" : "Save") : isSending ? "Inviting…" : "Make the invitation"}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function choiceOf(user: UserDto | undefined): ScopeChoice {
  const scope = user?.scope ?? NOTHING;
  return { isLimited: scope.counties.length + scope.classes.length > 0, scope };
}
