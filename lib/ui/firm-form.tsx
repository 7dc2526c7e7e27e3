"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { CreatedFirm } from "@/lib/contracts/firms";
import { callApi, fieldProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError } from "./field";
import { formatInstant } from "./format";
import { Section } from "./section";
import { ShownOnce } from "./shown-once";

const ZONES = {
  "America/Chicago": "Central",
  "America/Denver": "Mountain",
  "America/New_York": "Eastern",
  "America/Los_Angeles": "Pacific",
} as const;
const FIELDS = ["slug", "name", "timeZone", "owner.email", "owner.name"];

/** Makes a firm with its owner's invitation; the link is shown once, for whoever hands it over. */
export function FirmForm({ domain, now }: { domain: string; now: string }) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [made, setMade] = useState<CreatedFirm | null>(null);
  const [isSending, setSending] = useState(false);
  const create = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    setSending(true);
    const result = await callApi<CreatedFirm>("POST", "/operator/firms/create", {
      slug: text("slug").toLowerCase(),
      name: text("name"),
      timeZone: text("timeZone"),
      owner: { email: text("ownerEmail"), name: text("ownerName") },
    });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setMade(result.data);
    router.refresh();
  };
  if (made) return <Made made={made} now={now} onDone={() => setMade(null)} />;
  const known = FIELDS.some((field) => fieldProblem(problem, field));
  return (
    <Section id="create" title="Create a firm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create(event.currentTarget);
        }}
        className="grid max-w-[560px] grid-cols-2 gap-3.5 phone:grid-cols-1"
      >
        <Field
          id={`${id}-name`}
          name="name"
          label="Name"
          maxLength={120}
          required
          autoComplete="off"
          error={exact(problem, "name")}
        />
        <Field
          id={`${id}-slug`}
          name="slug"
          label="Address"
          hint={`The firm is at <address>.${domain}. It cannot be changed.`}
          maxLength={63}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={fieldProblem(problem, "slug")}
        />
        <Field
          id={`${id}-owner`}
          name="ownerName"
          label="Owner’s name"
          maxLength={120}
          required
          autoComplete="off"
          error={exact(problem, "owner.name")}
        />
        <Field
          id={`${id}-email`}
          name="ownerEmail"
          type="email"
          label="Owner’s e-mail"
          maxLength={254}
          required
          autoComplete="off"
          error={fieldProblem(problem, "owner.email")}
        />
        <div>
          <label htmlFor={`${id}-zone`} className="mb-1.5 block font-emph">
            Time zone
          </label>
          <select
            id={`${id}-zone`}
            name="timeZone"
            className="h-ctl w-full rounded-ctl border border-edge bg-canvas px-2 text-ink focus-visible:rounded-ctl phone:text-16"
          >
            {Object.entries(ZONES).map(([zone, words]) => (
              <option key={zone} value={zone}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <div className="col-span-full">
          <FieldError
            id={`${id}-error`}
            error={
              problem && !known
                ? `${problem.detail}${problem.requestId ? ` Request ${problem.requestId}` : ""}`
                : undefined
            }
          />
          <Button type="submit" kind="primary" className="mt-1" disabled={isSending}>
            {isSending ? "Creating…" : "Create firm"}
          </Button>
        </div>
      </form>
    </Section>
  );
}

/* `name` is also the end of `owner.name`. */
const exact = (problem: Problem | null, field: string): string | undefined =>
  problem?.invalidParams.find(({ name }) => name === field)?.reason;

function Made({ made, now, onDone }: { made: CreatedFirm; now: string; onDone: () => void }) {
  return (
    <Section id="create" title={made.isNew ? `${made.slug} is there` : `A new invitation for ${made.slug}`}>
      <ShownOnce label="Invitation link" value={made.link}>
        Hand it to the owner. It works once, until {formatInstant(made.expiresAt, "America/Chicago", now)}; with it they
        choose a password and set up their second factor.
        {made.isNew ? "" : " A link from before no longer works."}
      </ShownOnce>
      <Button className="mt-4" onClick={onDone}>
        Done
      </Button>
    </Section>
  );
}
