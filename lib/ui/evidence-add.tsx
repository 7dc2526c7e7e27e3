"use client";
import { useRouter } from "next/navigation";
import { type ReactNode, useId, useState } from "react";
import { megabytes } from "@/lib/core/bytes";
import { EVIDENCE_TYPE_NAMES, EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { otherProblem } from "./api-client";
import { buttonClass } from "./button";
import { FieldError } from "./field";
import { Icon } from "./icons";
import { ProgressBar } from "./progress-bar";
import { evidenceFault, sendEvidence } from "./send-evidence";
import { showToast } from "./toast";

const ACCEPT = EVIDENCE_TYPE_NAMES.flatMap((name) => EVIDENCE_TYPES[name].endings.map((ending) => `.${ending}`)).join();

const mostOf = (type: EvidenceType): string => megabytes(EVIDENCE_TYPES[type].maxBytes);
const LIMITS = `Documents and photos up to ${mostOf("pdf")}, plain text up to ${mostOf("text")}, recordings up to ${mostOf("mp4")}.`;

type Sent = { name: string; share: number };

/**
 * Adds files to a lead: chosen by the button, or dropped on what it stands around. They go one after the other; one of a wrong kind keeps no other back, a refusal of
 * ours does.
 */
export function EvidenceAdd({ leadId, children }: { leadId: string; children: ReactNode }) {
  const id = useId();
  const router = useRouter();
  const [sent, setSent] = useState<Sent | null>(null);
  const [faults, setFaults] = useState<readonly string[]>([]);
  const [isOver, setOver] = useState(false);
  const add = async (files: readonly File[]) => {
    if (files.length === 0 || sent) return;
    const fit = files.filter((file) => !evidenceFault(file));
    const faulty = files.flatMap((file) => evidenceFault(file) ?? []);
    setFaults(faulty);
    let count = 0;
    for (const file of fit) {
      setSent({ name: file.name, share: 0 });
      const refusal = await sendEvidence(leadId, file, (share) => setSent({ name: file.name, share }));
      if (refusal) {
        const rest = fit.length - count - 1;
        const others = rest > 0 ? `, and ${rest} more ${rest === 1 ? "was" : "were"} not sent` : "";
        setFaults([...faulty, `“${file.name}” was not added${others}. ${otherProblem(refusal) ?? refusal.title}`]);
        break;
      }
      count += 1;
    }
    setSent(null);
    if (count === 0) return;
    showToast({
      kind: "done",
      text: count === 1 ? "File added. It is being checked" : `${count} files added. They are being checked`,
    });
    router.refresh();
  };
  const errors = `${id}-errors`;
  return (
    <section
      aria-label="Add files"
      className={isOver ? "rounded-control bg-sunken outline-1 outline-dashed outline-edge" : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void add([...event.dataTransfer.files]);
      }}
    >
      {children}
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <label
          className={`${buttonClass()} relative cursor-pointer overflow-hidden focus-within:shadow-[var(--focus)]`}
        >
          <Icon name="plus" />
          {sent ? "Sending…" : "Add file"}
          <input
            type="file"
            multiple
            accept={ACCEPT}
            className="absolute inset-0 cursor-pointer opacity-0 aria-disabled:cursor-not-allowed"
            aria-describedby={`${id}-hint${faults.length > 0 ? ` ${errors}` : ""}`}
            // Not `disabled`: whoever came by keyboard would lose the place.
            aria-disabled={sent !== null}
            onClick={(event) => {
              if (sent) event.preventDefault();
            }}
            onChange={(event) => {
              const input = event.currentTarget;
              void add([...(input.files ?? [])]);
              // The same file can be chosen again after it was mended.
              input.value = "";
            }}
          />
        </label>
        <p id={`${id}-hint`} className="text-12 text-ink-3 phone:text-13">
          {LIMITS}
          <span className="phone:hidden"> Or drop them here.</span>
        </p>
      </div>
      {sent ? (
        <div className="mt-2 max-w-[420px]">
          <p role="status" className="text-ink-2 [overflow-wrap:anywhere]">
            {sent.share < 1 ? `${sent.name} is being sent` : `${sent.name} has come`}
          </p>
          <ProgressBar label={`Sent of ${sent.name}`} value={Math.round(sent.share * 100)} max={100} />
        </div>
      ) : null}
      <div id={errors} className="max-w-[68ch] [overflow-wrap:anywhere]">
        {faults.map((fault, index) => (
          <FieldError key={fault} id={`${errors}-${index}`} error={fault} />
        ))}
      </div>
    </section>
  );
}
