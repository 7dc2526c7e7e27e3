"use client";
import { useId, useState } from "react";
import type { NewApiKey } from "@/lib/contracts/api-keys";
import { KEY_SCOPE_WORDS, KEY_SCOPES } from "@/lib/core/key-scope";
import { fieldProblem, otherProblem, type Problem } from "./api-client";
import { EXPIRY_CHOICES } from "./api-key-words";
import { Button } from "./button";
import { Field, FieldError, SelectField } from "./field";
import { useProtectedCall } from "./step-up";

const FOR_EVER = "never";
const USUAL_DAYS = 365;

/** A new key: what it is for, what it may do, how long. The least is chosen beforehand. */
export function ApiKeyForm({ onMade }: { onMade: (made: NewApiKey) => void }) {
  const id = useId();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [noScope, setNoScope] = useState(false);
  const [isSending, setSending] = useState(false);
  const create = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const scopes = data.getAll("scope").map(String);
    setNoScope(scopes.length === 0);
    if (scopes.length === 0) return;
    setSending(true);
    const days = String(data.get("expires"));
    const result = await call<NewApiKey>("POST", "/api/keys", {
      name: String(data.get("name") ?? ""),
      scopes,
      expiresInDays: days === FOR_EVER ? null : Number(days),
    });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    form.reset();
    onMade(result.data);
  };
  const ofName = fieldProblem(problem, "name");
  const ofScopes = noScope ? "Choose at least one." : fieldProblem(problem, "scopes");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create(event.currentTarget);
      }}
      className="grid max-w-[440px] gap-3.5"
    >
      <Field
        id={`${id}-name`}
        name="name"
        label="What it is for"
        placeholder="Zoho import"
        hint="The program or the person that will use it. One key for each."
        maxLength={80}
        required
        autoComplete="off"
        error={ofName}
      />
      <fieldset className="m-0 border-0 p-0" aria-describedby={ofScopes ? `${id}-scopes-error` : undefined}>
        <legend className="mb-1 font-emph">What it may do</legend>
        {KEY_SCOPES.map((scope) => (
          <label key={scope} className="flex min-h-7 items-center gap-2 phone:min-h-11">
            <input type="checkbox" name="scope" value={scope} className="ck" />
            <span>
              {KEY_SCOPE_WORDS[scope]} <code className="font-mono text-12 text-ink-3 phone:text-13">{scope}</code>
            </span>
          </label>
        ))}
        <FieldError id={`${id}-scopes-error`} error={ofScopes} />
      </fieldset>
      <SelectField id={`${id}-expires`} name="expires" defaultValue={String(USUAL_DAYS)} label="Works for">
        {EXPIRY_CHOICES.map(({ words, days }) => (
          <option key={words} value={days ?? FOR_EVER}>
            {words}
          </option>
        ))}
      </SelectField>
      <FieldError id={`${id}-error`} error={ofName || ofScopes ? undefined : otherProblem(problem)} />
      <div>
        <Button type="submit" kind="primary" disabled={isSending}>
          {isSending ? "Creating…" : "Create key"}
        </Button>
      </div>
    </form>
  );
}
