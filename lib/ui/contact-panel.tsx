"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ContactDto } from "@/lib/contracts/leads";
import { type ApiResult, callApi, type Problem, problemText } from "./api-client";
import { Button } from "./button";
import { type BasisWords, ContactForm, type ContactFormValues } from "./contact-form";
import { ContactTable } from "./contact-table";
import { formatPhone } from "./format";
import { Icon } from "./icons";
import { Modal } from "./modal";
import { Section } from "./section";
import { showToast } from "./toast";
import { useCheckContacts } from "./use-check-contacts";
import { useRefreshWhile } from "./use-refresh-while";

type ContactPanelProps = {
  leadId: string;
  contacts: readonly ContactDto[];
  bases: BasisWords;
  timeZone: string;
  now: string;
};

type Open = { kind: "add" } | { kind: "correct" | "remove"; contact: ContactDto };

/** The contacts of a lead: what the checks say, where each came from, and adding, correcting and removing the firm's own. */
export function ContactPanel({ leadId, contacts, bases, timeZone, now }: ContactPanelProps) {
  const router = useRouter();
  const { check, isChecking } = useCheckContacts();
  const [open, setOpen] = useState<Open | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSaving, setSaving] = useState(false);
  useRefreshWhile(contacts.some(({ enrichment }) => enrichment?.state === "pending" && !enrichment.problem));
  const path = `/api/leads/${leadId}/contacts`;

  const show = (next: Open | null) => {
    setProblem(null);
    setOpen(next);
  };
  const run = async (call: Promise<ApiResult<unknown>>, done: string) => {
    setSaving(true);
    const result = await call;
    setSaving(false);
    if (!result.isOk) return setProblem(result.problem);
    show(null);
    showToast({ kind: "done", text: done });
    router.refresh();
  };
  const save = ({ kind, ...values }: ContactFormValues) =>
    open?.kind === "correct"
      ? run(callApi("PATCH", `${path}/${open.contact.id}`, values), "Contact corrected")
      : run(
          callApi("POST", path, { kind, ...values }),
          values.check ? "Contact added. It is being checked" : "Contact added",
        );

  const fromForm = contacts.filter(({ origin }) => origin === "source").length;
  const source =
    fromForm === 0
      ? "none from the form"
      : fromForm === contacts.length
        ? "all from the source"
        : `${fromForm} from the source`;
  return (
    <Section
      id="contacts"
      title="Contacts"
      note={contacts.length > 0 ? `${contacts.length}, ${source}` : undefined}
      right={
        <span className="flex gap-2">
          <Button onClick={() => show({ kind: "add" })}>
            <Icon name="plus" />
            Add contact
          </Button>
          {contacts.length > 0 ? (
            <Button disabled={isChecking} onClick={() => void check([leadId])}>
              <Icon name="refresh" />
              {contacts.some((contact) => contact.enrichment) ? "Check again" : "Check"}
            </Button>
          ) : null}
        </span>
      }
    >
      {contacts.length > 0 ? (
        <ContactTable
          contacts={contacts}
          bases={bases}
          timeZone={timeZone}
          now={now}
          onCorrect={(contact) => show({ kind: "correct", contact })}
          onRemove={(contact) => show({ kind: "remove", contact })}
        />
      ) : (
        <p className="text-ink-2">
          None on file. Bail forms carry no phone or e-mail; add one when the person or the family gives it.
        </p>
      )}
      <Modal
        isOpen={open?.kind === "add" || open?.kind === "correct"}
        onOpenChange={(isOpen) => isOpen || show(null)}
        title={open?.kind === "correct" ? "Correct this contact" : "Add a contact"}
        description="A working number is not permission. Calls, texts and e-mail stay locked."
      >
        <ContactForm
          {...(open?.kind === "correct" ? { contact: open.contact } : {})}
          bases={bases}
          problem={problem}
          isSaving={isSaving}
          onSave={(values) => void save(values)}
          onCancel={() => show(null)}
        />
      </Modal>
      <Modal
        isOpen={open?.kind === "remove"}
        onOpenChange={(isOpen) => isOpen || show(null)}
        title={open?.kind === "remove" ? `Remove ${shown(open.contact)}?` : ""}
        description="It leaves this lead and every export from now on. The timeline keeps that it was removed, and by whom."
      >
        {problem ? <p className="mt-3 text-danger">{problemText(problem)}</p> : null}
        <div className="mt-4 flex gap-2">
          <Button
            kind="primary"
            disabled={isSaving}
            onClick={() =>
              open?.kind === "remove" && void run(callApi("DELETE", `${path}/${open.contact.id}`), "Contact removed")
            }
          >
            Remove
          </Button>
          <Button kind="quiet" onClick={() => show(null)}>
            Keep it
          </Button>
        </div>
      </Modal>
    </Section>
  );
}

const shown = ({ kind, value }: ContactDto): string => (kind === "phone" ? formatPhone(value) : value);
