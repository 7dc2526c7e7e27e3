"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { FirmDto } from "@/lib/contracts/firms";
import { callApi, type Problem } from "./api-client";
import { Button, buttonClass } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { FieldError } from "./field";
import { FirmTable } from "./firm-table";
import { Modal } from "./modal";
import { Section } from "./section";
import { Empty } from "./states";
import { showToast } from "./toast";

type FirmPanelProps = { firms: readonly FirmDto[]; nextHref: string | null; firstHref: string | null; now: string };
type Asked = { to: "suspended" | "active"; firm: FirmDto };

/** The firms of the platform, and shutting and opening one. */
export function FirmPanel({ firms, nextHref, firstHref, now }: FirmPanelProps) {
  const router = useRouter();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const show = (next: Asked | null) => {
    setProblem(null);
    setAsked(next);
  };
  const change = async ({ to, firm }: Asked, reason?: string) => {
    setSending(true);
    const body = { slug: firm.slug, to, ...(reason === undefined ? {} : { reason }) };
    const result = await callApi("POST", "/operator/firms/state", body);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    show(null);
    showToast({ kind: "done", text: to === "active" ? `${firm.name} is open again` : `${firm.name} is suspended` });
    router.refresh();
  };
  return (
    <Section id="firms" title="All firms" note={firstHref || nextHref ? undefined : `${firms.length}`}>
      {firms.length === 0 ? (
        <Empty title="No firm here">
          {firstHref
            ? "This page of the list is empty; go back to its start."
            : "Create the first one; its owner then joins by a link."}
        </Empty>
      ) : (
        <FirmTable
          firms={firms}
          now={now}
          onSuspend={(firm) => show({ to: "suspended", firm })}
          onReactivate={(firm) => show({ to: "active", firm })}
        />
      )}
      <nav aria-label="Pages of firms" className="mt-3 flex gap-2">
        {firstHref ? (
          <Link href={firstHref} prefetch={false} className={buttonClass("quiet")}>
            First page
          </Link>
        ) : null}
        {nextHref ? (
          <Link href={nextHref} prefetch={false} className={buttonClass("plain")}>
            Next page
          </Link>
        ) : null}
      </nav>
      <SuspendDialog
        firm={asked?.to === "suspended" ? asked.firm : null}
        problem={problem}
        isSending={isSending}
        onConfirm={(reason) => asked && void change(asked, reason)}
        onCancel={() => show(null)}
      />
      <ConfirmDialog
        isOpen={asked?.to === "active"}
        title={asked ? `Open ${asked.firm.name} again?` : ""}
        verb="Reactivate"
        keep={asked?.firm.state === "closed" ? "Keep it closed" : "Keep it shut"}
        problem={problem}
        isSending={isSending}
        onConfirm={() => asked && void change(asked)}
        onCancel={() => show(null)}
      >
        Its people and keys get in again within a second.
        {asked?.firm.state === "closed" ? " Its closing is taken back: nothing will be erased." : ""}
      </ConfirmDialog>
    </Section>
  );
}

type SuspendProps = {
  firm: FirmDto | null;
  problem: Problem | null;
  isSending: boolean;
  onConfirm: (reason: string) => void;
  onCancel: () => void;
};

function SuspendDialog({ firm, problem, isSending, onConfirm, onCancel }: SuspendProps) {
  const id = useId();
  return (
    <Modal
      isOpen={firm !== null}
      onOpenChange={(isOpen) => isOpen || onCancel()}
      title={firm ? `Suspend ${firm.name}?` : ""}
      description="Within a second nobody and no key gets in, and its address answers as if there were no firm. Nothing is deleted; it can be opened again."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm(String(new FormData(event.currentTarget).get("reason") ?? "").trim());
        }}
        className="mt-4"
      >
        <label htmlFor={id} className="mb-1.5 block font-emph">
          Reason
        </label>
        <textarea
          id={id}
          name="reason"
          rows={3}
          maxLength={300}
          required
          aria-invalid={problem ? true : undefined}
          aria-describedby={`${id}-note${problem ? ` ${id}-error` : ""}`}
          className="w-full rounded-ctl border border-edge bg-canvas px-2.5 py-1.5 text-ink phone:text-16"
        />
        <p id={`${id}-note`} className="mt-1.5 text-12 text-ink-3 phone:text-13">
          Kept in the firm’s own history, which it can read once it is open again.
        </p>
        <FieldError id={`${id}-error`} error={problem ? problem.detail : undefined} />
        <div className="mt-4 flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            Suspend
          </Button>
          <Button kind="quiet" onClick={onCancel}>
            Keep it open
          </Button>
        </div>
      </form>
    </Modal>
  );
}
