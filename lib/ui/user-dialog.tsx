"use client";
import type { LinkPurpose } from "@/lib/contracts/account";
import type { InviteUser, OneTimeLink, UserDto } from "@/lib/contracts/users";
import { otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { FieldError } from "./field";
import { formatInstant } from "./format";
import ModalDialog from "./modal-dialog";
import { ShownOnce } from "./shown-once";
import { UserForm } from "./user-form";
import { DEED_QUESTIONS, LINK_WORDS, type UserDeed } from "./user-words";

/** What the dialog of the page is about. */
export type UserDialogTopic =
  | { kind: "invite" }
  | { kind: "change"; user: UserDto }
  | { kind: "ask"; deed: UserDeed; user: UserDto }
  | { kind: "link"; purpose: LinkPurpose; person: { name: string; email: string }; link: OneTimeLink };

type UserDialogProps = {
  topic: UserDialogTopic;
  mayMakeOwners: boolean;
  timeZone: string;
  now: string;
  problem: Problem | null;
  isSending: boolean;
  onSave: (values: InviteUser) => void;
  onConfirm: () => void;
  onClose: () => void;
};

/** One dialog for the page, whose content changes: the form or the question, then perhaps a link. Focus comes back to what opened it. */
export default function UserDialog({ topic, onClose, ...rest }: UserDialogProps) {
  // A link is shown once, so a click beside it or Escape must not take it away: Done does.
  const close = topic.kind === "link" ? () => {} : (isOpen: boolean) => isOpen || onClose();
  return (
    <ModalDialog isOpen onOpenChange={close} {...headOf(topic)}>
      <Content topic={topic} onClose={onClose} {...rest} />
    </ModalDialog>
  );
}

function headOf(topic: UserDialogTopic): { title: string; description?: string } {
  if (topic.kind === "invite")
    return {
      title: "Invite a person",
      description: "You get a link that works for 72 hours, and hand it to them yourself.",
    };
  if (topic.kind === "change")
    return {
      title: `Change ${topic.user.name}`,
      description: "A new role signs them out. What they can see changes with their next click.",
    };
  if (topic.kind === "link") return { title: `${LINK_WORDS[topic.purpose].title} ${topic.person.name}` };
  const question = DEED_QUESTIONS[topic.deed];
  return { title: question?.title(topic.user.name) ?? "", description: question?.means(topic.user) ?? "" };
}

function Content({
  topic,
  timeZone,
  now,
  problem,
  isSending,
  onSave,
  onConfirm,
  onClose,
  mayMakeOwners,
}: UserDialogProps) {
  if (topic.kind === "link") return <LinkShown topic={topic} timeZone={timeZone} now={now} onClose={onClose} />;
  if (topic.kind === "ask") {
    const question = DEED_QUESTIONS[topic.deed];
    return (
      <>
        <FieldError id="user-problem" error={otherProblem(problem)} />
        <div className="mt-4 flex gap-2">
          <Button kind="primary" disabled={isSending} onClick={onConfirm}>
            {question?.verb}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {question?.keep}
          </Button>
        </div>
      </>
    );
  }
  return (
    <UserForm
      {...(topic.kind === "change" ? { user: topic.user } : {})}
      mayMakeOwners={mayMakeOwners}
      problem={problem}
      isSending={isSending}
      onSave={onSave}
      onCancel={onClose}
    />
  );
}

type LinkShownProps = Pick<UserDialogProps, "timeZone" | "now" | "onClose"> & {
  topic: Extract<UserDialogTopic, { kind: "link" }>;
};

function LinkShown({ topic: { purpose, person, link }, timeZone, now, onClose }: LinkShownProps) {
  const { label, opens } = LINK_WORDS[purpose];
  return (
    <>
      <ShownOnce label={label} value={link.url}>
        <p>
          Hand it to {person.name} yourself, where nobody else reads it. It works once, until{" "}
          {formatInstant(link.expiresAt, timeZone, now)}, and for {person.email} only.
        </p>
        <p className="mt-2">{opens}</p>
      </ShownOnce>
      <div className="mt-4">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </>
  );
}
