"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ApiKeyDto, NewApiKey } from "@/lib/contracts/api-keys";
import type { Problem } from "./api-client";
import { ApiKeyForm } from "./api-key-form";
import { ApiKeyRotate } from "./api-key-rotate";
import { ApiKeyShown } from "./api-key-shown";
import { ApiKeyTable } from "./api-key-table";
import { untilWords } from "./api-key-words";
import { ConfirmDialog } from "./confirm-dialog";
import { countOf } from "./format";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

type ApiKeyPanelProps = {
  keys: readonly ApiKeyDto[];
  /** The next page of keys, if there is one. */
  moreHref: string | null;
  origin: string;
  timeZone: string;
  now: string;
};

type Open = { kind: "rotate" | "revoke"; key: ApiKeyDto };
type Made = { made: NewApiKey; note?: string };

/** The firm's keys: those that work, those that ended, and making, rotating and revoking them. Each change asks for a fresh factor. */
export function ApiKeyPanel({ keys, moreHref, origin, timeZone, now }: ApiKeyPanelProps) {
  const router = useRouter();
  const call = useProtectedCall();
  const [open, setOpen] = useState<Open | null>(null);
  const [shown, setShown] = useState<Made | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const ask = (kind: Open["kind"]) => (key: ApiKeyDto) => {
    setProblem(null);
    setOpen({ kind, key });
  };

  const rotate = async (key: ApiKeyDto, overlapHours: number) => {
    setSending(true);
    const result = await call<NewApiKey>("POST", `/api/keys/${key.id}/rotate`, { overlapHours });
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    setOpen(null);
    const until = new Date(Date.parse(result.data.key.createdAt) + overlapHours * 3_600_000).toISOString();
    const end = key.expiresAt && key.expiresAt < until ? key.expiresAt : until;
    const note =
      overlapHours === 0 ? "The old key has ended." : `The old key works until ${untilWords(end, timeZone, now)}.`;
    setShown({ made: result.data, note });
    router.refresh();
  };
  const revoke = async (key: ApiKeyDto) => {
    setSending(true);
    const result = await call("DELETE", `/api/keys/${key.id}`);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    setOpen(null);
    showToast({ kind: "done", text: `${key.name} revoked` });
    router.refresh();
  };

  const working = keys.filter(({ state }) => state === "active");
  const ended = keys.filter(({ state }) => state !== "active");
  const table = { timeZone, now };
  return (
    <>
      {shown ? <ApiKeyShown {...shown} origin={origin} onStored={() => setShown(null)} /> : null}
      <Section id="keys" title="Keys that work" note={working.length > 0 ? String(working.length) : undefined}>
        {working.length > 0 ? (
          <ApiKeyTable
            caption="Keys that work"
            keys={working}
            {...table}
            onRotate={ask("rotate")}
            onRevoke={ask("revoke")}
          />
        ) : (
          <p className="text-ink-2">None. A program that reads or posts leads needs one; people sign in instead.</p>
        )}
        {ended.length > 0 ? (
          <details className="mt-4">
            <summary className="cursor-pointer py-1 text-ink-2 hover:text-ink phone:py-2.5">
              {countOf(ended.length, "key")} that ended
            </summary>
            <div className="mt-2">
              <ApiKeyTable caption="Keys that ended" keys={ended} {...table} />
            </div>
          </details>
        ) : null}
        {moreHref ? (
          <p className="mt-4">
            <Link href={moreHref} prefetch={false}>
              Older keys
            </Link>
          </p>
        ) : null}
      </Section>
      {/* One thing at a time: first the new key is stored. */}
      {shown ? null : (
        <Section id="create-key" title="Create a key">
          <ApiKeyForm
            onMade={(made) => {
              setShown({ made });
              router.refresh();
            }}
          />
        </Section>
      )}
      <ApiKeyRotate
        apiKey={open?.kind === "rotate" ? open.key : null}
        problem={problem}
        isSending={isSending}
        onRotate={(hours) => open && void rotate(open.key, hours)}
        onCancel={() => setOpen(null)}
      />
      <ConfirmDialog
        isOpen={open?.kind === "revoke"}
        title={open ? `Revoke the key “${open.key.name}”?` : ""}
        verb="Revoke"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => open && void revoke(open.key)}
        onCancel={() => setOpen(null)}
      >
        Whatever uses it is refused from its next request on, and it can never be used again. What was done with it
        stays in the audit trail. To change over without a gap, rotate it instead.
      </ConfirmDialog>
    </>
  );
}
