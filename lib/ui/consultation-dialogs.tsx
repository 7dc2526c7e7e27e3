"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useId, useState } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { callApi, fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { ConsultationLeadPicker } from "./consultation-lead-picker";
import { ConsultationWhen, readWhen } from "./consultation-when";
import { minutesOf } from "./consultation-words";
import { Field, FieldError } from "./field";
import { formatInstant } from "./format";
import { Modal } from "./modal";
import { readableName } from "./readable";
import { showToast } from "./toast";

type ConsultationDialogProps = {
  deed: "move" | "cancel" | "relink";
  consultation: ConsultationDto;
  timeZone: string;
  now: string;
  onClose: () => void;
};

/** The dialog behind each button of `ConsultationActions`. */
export default function ConsultationDialog(props: ConsultationDialogProps) {
  const { deed, consultation, onClose } = props;
  const { id } = consultation;
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const run = async (body: unknown, done: string) => {
    setSending(true);
    const result = await callApi("POST", `/api/consultations/${id}/${deed === "relink" ? "lead" : deed}`, body);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    onClose();
    showToast({ kind: "done", text: done });
    router.refresh();
  };
  const common = { ...props, problem, isSending, run };
  if (deed === "move") return <Move {...common} />;
  return deed === "cancel" ? <Cancel {...common} /> : <Relink {...common} />;
}

type PartProps = ConsultationDialogProps & {
  problem: Problem | null;
  isSending: boolean;
  run: (body: unknown, done: string) => Promise<void>;
};

/* Acuity's own are changed there, and Acuity writes to the person. */
const told = ({ origin }: ConsultationDto, deed: string): string =>
  origin === "acuity"
    ? `It was booked in Acuity: it is ${deed} there too, and Acuity notifies the person.`
    : "It was booked here, so tell the person yourself: we do not notify them. Connected services are updated automatically.";

function Move({ consultation, timeZone, now, problem, isSending, run, onClose }: PartProps) {
  const id = useId();
  const [isMissing, setMissing] = useState(false);
  // how long one of Acuity's lasts, its kind says there
  const isOwn = consultation.origin === "firm";
  const name = readableName(consultation.leadName);
  return (
    <Dialog title={`Move the consultation with ${name}?`} description={told(consultation, "moved")} onClose={onClose}>
      <Form
        verb="Move"
        isSending={isSending}
        onClose={onClose}
        error={otherProblem(problem, ["startsAt", "minutes"])}
        onSend={(form) => {
          const { startsAt, minutes } = readWhen(form, timeZone);
          setMissing(startsAt === null);
          if (!startsAt) return;
          void run(
            { startsAt, ...(isOwn ? { minutes } : {}), expectedVersion: consultation.version },
            `Moved to ${formatInstant(startsAt, timeZone, now)}`,
          );
        }}
      >
        <ConsultationWhen
          id={id}
          startsAt={consultation.startsAt}
          minutes={isOwn ? minutesOf(consultation) : null}
          timeZone={timeZone}
          now={now}
          errors={{
            startsAt: isMissing ? "Choose a day and a time." : fieldProblem(problem, "startsAt"),
            minutes: fieldProblem(problem, "minutes"),
          }}
        />
      </Form>
    </Dialog>
  );
}

function Cancel({ consultation, timeZone, now, problem, isSending, run, onClose }: PartProps) {
  const id = useId();
  const { origin, startsAt } = consultation;
  const name = readableName(consultation.leadName);
  // what has begun cannot be called off any more: it is noted that nothing came of it
  const words =
    startsAt > now
      ? {
          title: `Cancel the consultation with ${name}?`,
          more: told(consultation, "canceled"),
          verb: "Cancel it",
          keep: "Keep it",
        }
      : {
          title: `The consultation with ${name} did not take place?`,
          more: origin === "acuity" ? "It is noted in Acuity too." : "Connected services are updated automatically.",
          verb: "Note it",
          keep: "Leave it",
        };
  return (
    <Dialog
      title={words.title}
      description={`${formatInstant(startsAt, timeZone, now)}. ${words.more}`}
      onClose={onClose}
    >
      <Form
        verb={words.verb}
        keep={words.keep}
        isSending={isSending}
        onClose={onClose}
        error={otherProblem(problem, ["note"])}
        onSend={(form) => {
          const note = String(form.get("note") ?? "").trim();
          const isNoShow = form.get("noShow") === "yes";
          void run({ ...(note ? { note } : {}), isNoShow }, isNoShow ? "Noted as a no-show" : "Consultation canceled");
        }}
      >
        <Field
          id={`${id}-note`}
          name="note"
          label="Note, if you like"
          maxLength={500}
          autoComplete="off"
          error={fieldProblem(problem, "note")}
        />
        {startsAt <= now ? (
          <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
            <input type="checkbox" name="noShow" value="yes" defaultChecked className="ck" />
            The person did not come
          </label>
        ) : null}
      </Form>
    </Dialog>
  );
}

function Relink({ consultation, problem, isSending, run, onClose }: PartProps) {
  const [leadId, setLeadId] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  return (
    <Dialog
      title="Put it under another lead?"
      description={`Now it belongs to ${readableName(consultation.leadName)}. Meeting, attendance and outcome go with it.`}
      onClose={onClose}
    >
      <Form
        verb="Put it there"
        isSending={isSending}
        onClose={onClose}
        error={
          isMissing
            ? "Choose the lead first."
            : problem
              ? (fieldProblem(problem, "leadId") ?? otherProblem(problem, ["leadId"]))
              : undefined
        }
        onSend={() => {
          setMissing(leadId === null);
          if (leadId) void run({ leadId }, "The consultation is under the other lead now");
        }}
      >
        <ConsultationLeadPicker not={consultation.leadId} chosen={leadId} onChoose={setLeadId} />
      </Form>
    </Dialog>
  );
}

type DialogProps = { title: string; description: string; onClose: () => void; children: ReactNode };

function Dialog({ title, description, onClose, children }: DialogProps) {
  return (
    <Modal isOpen onOpenChange={(isOpen) => isOpen || onClose()} title={title} description={description}>
      {children}
    </Modal>
  );
}

type FormProps = {
  verb: string;
  keep?: string;
  error: string | undefined;
  isSending: boolean;
  onSend: (form: FormData) => void;
  onClose: () => void;
  children: ReactNode;
};

function Form({ verb, keep = "Leave it", error, isSending, onSend, onClose, children }: FormProps) {
  return (
    <form
      className="mt-4 grid gap-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(new FormData(event.currentTarget));
      }}
    >
      {children}
      <FieldError id="consultation-problem" error={error} />
      <div className="flex gap-2">
        <Button type="submit" kind="primary" disabled={isSending}>
          {verb}
        </Button>
        <Button kind="quiet" onClick={onClose}>
          {keep}
        </Button>
      </div>
    </form>
  );
}
