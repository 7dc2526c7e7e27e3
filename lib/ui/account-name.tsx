"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { AccountDto } from "@/lib/contracts/account";
import { callApi, fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError } from "./field";
import { Section } from "./section";
import { showToast } from "./toast";

type AccountNameProps = { name: string; email: string; role: { name: string; meaning: string } };

/** Who one is in the firm: the name is one's own to change, the rest an admin's. */
export function AccountName({ name, email, role }: AccountNameProps) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const save = async (form: FormData) => {
    setSending(true);
    const result = await callApi<AccountDto>("PATCH", "/api/account", { name: String(form.get("name") ?? "").trim() });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    showToast({ kind: "done", text: `You are ${result.data.name} now` });
    router.refresh();
  };
  return (
    <Section id="you" title="You">
      <form
        className="flex max-w-[440px] items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void save(new FormData(event.currentTarget));
        }}
      >
        <Field
          id={`${id}-name`}
          name="name"
          label="Name"
          className="min-w-0 flex-1"
          defaultValue={name}
          maxLength={120}
          required
          autoComplete="name"
        />
        <Button type="submit" disabled={isSending}>
          {isSending ? "Saving…" : "Save"}
        </Button>
      </form>
      <FieldError id={`${id}-error`} error={fieldProblem(problem, "name") ?? otherProblem(problem, ["name"])} />
      <dl className="mt-4 grid grid-cols-[88px_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <dt className="text-ink-3">E-mail</dt>
        <dd className="m-0 [overflow-wrap:anywhere]">{email}</dd>
        <dt className="text-ink-3">Role</dt>
        <dd className="m-0">
          {role.name}. <span className="text-ink-2">{role.meaning}</span>
        </dd>
      </dl>
      <p className="mt-2 text-12 text-ink-3 phone:text-13">
        The e-mail stays the one you were invited by. An admin of the firm changes the role.
      </p>
    </Section>
  );
}
