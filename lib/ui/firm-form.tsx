"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { CreatedFirm } from "@/lib/contracts/firms";
import { callApi, fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { Field, FieldError, SelectField } from "./field";
import { formatInstant } from "./format";
import { Icon } from "./icons";
import { Modal } from "./modal";
import { ShownOnce } from "./shown-once";

const ZONES = {
  "America/Chicago": "Central",
  "America/Denver": "Mountain",
  "America/New_York": "Eastern",
  "America/Los_Angeles": "Pacific",
} as const;
const FIELDS = ["slug", "name", "timeZone", "owner.email", "owner.name"];

/** Makes a firm with its owner's invitation, in a dialog; the link is shown once, for whoever hands it over. */
export function CreateFirmButton({ domain, now }: { domain: string; now: string }) {
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<CreatedFirm | null>(null);
  const close = () => {
    setOpen(false);
    setMade(null);
  };
  const title = !made ? "Create a firm" : made.isNew ? `${made.slug} is there` : `A new invitation for ${made.slug}`;
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        Create firm
      </Button>
      <Modal isOpen={isOpen} onOpenChange={(open) => open || close()} title={title}>
        {made ? (
          <Made made={made} now={now} onDone={close} />
        ) : (
          <FirmForm domain={domain} onMade={setMade} onCancel={close} />
        )}
      </Modal>
    </>
  );
}

type FirmFormProps = { domain: string; onMade: (made: CreatedFirm) => void; onCancel: () => void };

function FirmForm({ domain, onMade, onCancel }: FirmFormProps) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
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
    onMade(result.data);
    router.refresh();
  };
  const known = FIELDS.some((field) => fieldProblem(problem, field));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create(event.currentTarget);
      }}
      className="mt-4 grid gap-3.5"
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
      <SelectField id={`${id}-zone`} name="timeZone" label="Time zone">
        {Object.entries(ZONES).map(([zone, words]) => (
          <option key={zone} value={zone}>
            {words}
          </option>
        ))}
      </SelectField>
      <div>
        <FieldError id={`${id}-error`} error={known ? undefined : otherProblem(problem)} />
        <div className="mt-1 flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            {isSending ? "Creating…" : "Create firm"}
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </div>
    </form>
  );
}

/* `name` is also the end of `owner.name`. */
const exact = (problem: Problem | null, field: string): string | undefined =>
  problem?.invalidParams.find(({ name }) => name === field)?.reason;

function Made({ made, now, onDone }: { made: CreatedFirm; now: string; onDone: () => void }) {
  return (
    <>
      <ShownOnce label="Invitation link" value={made.link}>
        Hand it to the owner. It works once, until {formatInstant(made.expiresAt, "America/Chicago", now)}; with it they
        choose a password and set up their second factor.
        {made.isNew ? "" : " A link from before no longer works."}
      </ShownOnce>
      <Button className="mt-4" onClick={onDone}>
        Done
      </Button>
    </>
  );
}
