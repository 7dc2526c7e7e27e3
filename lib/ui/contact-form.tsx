"use client";
import { useId } from "react";
import type { ContactDto, LawfulBasis } from "@/lib/contracts/leads";
import { fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError, SelectField } from "./field";
import { formatPhone } from "./format";

/** The lawful bases with their words, from `LAWFUL_BASES` of the contract. */
export type BasisWords = Record<LawfulBasis, string>;

export type ContactFormValues = {
  kind: "phone" | "email";
  value: string;
  givenBy: string;
  basis: LawfulBasis;
  check: boolean;
};

type ContactFormProps = {
  /** The contact to correct; none to add one. */
  contact?: ContactDto;
  bases: BasisWords;
  problem: Problem | null;
  isSaving: boolean;
  onSave: (values: ContactFormValues) => void;
  onCancel: () => void;
};

/** A phone or e-mail with who gave it and why the firm may hold it. Offers the check at once. */
export function ContactForm({ contact, bases, problem, isSaving, onSave, onCancel }: ContactFormProps) {
  const id = useId();
  const send = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    onSave({
      kind: contact?.kind ?? (text("kind") === "email" ? "email" : "phone"),
      value: text("value"),
      givenBy: text("givenBy"),
      basis: text("basis") as LawfulBasis,
      check: form.get("check") === "yes",
    });
  };
  const named = ["kind", "value", "givenBy", "basis"].some((field) => fieldProblem(problem, field));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(new FormData(event.currentTarget));
      }}
      className="mt-4 grid gap-3.5"
    >
      {contact ? null : (
        <fieldset className="m-0 flex gap-5 border-0 p-0">
          <legend className="sr-only">Kind of contact</legend>
          <Kind value="phone" label="Phone" isChosen />
          <Kind value="email" label="E-mail" />
        </fieldset>
      )}
      <Field
        id={`${id}-value`}
        name="value"
        label={contact ? (contact.kind === "phone" ? "Phone number" : "E-mail address") : "Number or address"}
        defaultValue={contact ? (contact.kind === "phone" ? formatPhone(contact.value) : contact.value) : ""}
        maxLength={254}
        required
        autoComplete="off"
        error={fieldProblem(problem, "value")}
      />
      <Field
        id={`${id}-given`}
        name="givenBy"
        label="Who gave it"
        hint="Their name and how they know the person, such as “Ana, sister”."
        defaultValue={contact?.givenBy ?? ""}
        maxLength={200}
        required
        autoComplete="off"
        error={fieldProblem(problem, "givenBy")}
      />
      <SelectField
        id={`${id}-basis`}
        name="basis"
        required
        defaultValue={contact?.basis ?? ""}
        label="Why the firm may hold it"
        error={fieldProblem(problem, "basis")}
      >
        <option value="" disabled>
          Choose one
        </option>
        {Object.entries(bases).map(([basis, words]) => (
          <option key={basis} value={basis}>
            {words}
          </option>
        ))}
      </SelectField>
      <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
        <input type="checkbox" name="check" value="yes" defaultChecked className="ck" />
        Check it now
      </label>
      <FieldError id={`${id}-error`} error={named ? undefined : otherProblem(problem)} />
      <div className="flex gap-2">
        <Button type="submit" kind="primary" disabled={isSaving}>
          {contact ? "Save" : "Add contact"}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Kind({ value, label, isChosen = false }: { value: string; label: string; isChosen?: boolean }) {
  return (
    <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
      <input type="radio" name="kind" value={value} defaultChecked={isChosen} className="ck" />
      {label}
    </label>
  );
}
