"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { PasskeyDto } from "@/lib/contracts/account";
import { callApi, fieldProblem, otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { Field, FieldError } from "./field";
import { formatAgo, formatDay } from "./format";
import { Modal } from "./modal";
import { useProtectedCall } from "./step-up";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { showToast } from "./toast";

type PasskeyTableProps = { passkeys: readonly PasskeyDto[]; timeZone: string; now: string };

/** One's passkeys, each to be renamed or removed. */
export function PasskeyTable({ passkeys, timeZone, now }: PasskeyTableProps) {
  const [renaming, setRenaming] = useState<PasskeyDto | null>(null);
  const [removing, setRemoving] = useState<PasskeyDto | null>(null);
  return (
    <>
      <table className="tb stack mt-3" {...tableRoles.table}>
        <caption className="sr-only">Your passkeys</caption>
        <TableHead columns={["Name", "Added", "Last used"]} action="Change" />
        <tbody {...tableRoles.group}>
          {passkeys.map((passkey) => (
            <tr key={passkey.id} {...tableRoles.row}>
              <td className="wide [overflow-wrap:anywhere]" {...tableRoles.cell}>
                <span className="font-emph">{passkey.name}</span>
                {passkey.isUsableHere ? null : (
                  <small className="block text-12 text-ink-3 phone:text-13">Made on another address of the firm</small>
                )}
              </td>
              <td className="text-ink-2" {...tableRoles.cell}>
                <span className="hidden phone:inline">Added </span>
                {formatDay(passkey.createdAt, timeZone, now)}
              </td>
              <td className="text-ink-2" {...tableRoles.cell}>
                {passkey.lastUsedAt ? formatAgo(passkey.lastUsedAt, now) : "not used yet"}
              </td>
              <td className="wide" {...tableRoles.cell}>
                <span className="-my-[5px] flex justify-end gap-1 phone:my-0 phone:-ml-2.5 phone:justify-start">
                  <Button kind="quiet" aria-label={`Rename ${passkey.name}`} onClick={() => setRenaming(passkey)}>
                    Rename
                  </Button>
                  <Button kind="quiet" aria-label={`Remove ${passkey.name}`} onClick={() => setRemoving(passkey)}>
                    Remove
                  </Button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {renaming ? <RenameDialog passkey={renaming} onClose={() => setRenaming(null)} /> : null}
      {removing ? <RemoveDialog passkey={removing} onClose={() => setRemoving(null)} /> : null}
    </>
  );
}

type DialogProps = { passkey: PasskeyDto; onClose: () => void };

function RenameDialog({ passkey, onClose }: DialogProps) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const rename = async (form: FormData) => {
    setSending(true);
    const name = String(form.get("name") ?? "").trim();
    const result = await callApi<PasskeyDto>("PATCH", `/api/account/passkeys/${passkey.id}`, { name });
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    onClose();
    router.refresh();
  };
  return (
    <Modal isOpen onOpenChange={(open) => open || onClose()} title={`Rename “${passkey.name}”`}>
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          void rename(new FormData(event.currentTarget));
        }}
      >
        <Field
          id={`${id}-name`}
          name="name"
          label="Name"
          defaultValue={passkey.name}
          maxLength={60}
          required
          autoComplete="off"
          error={fieldProblem(problem, "name")}
        />
        <FieldError id={`${id}-error`} error={otherProblem(problem, ["name"])} />
        <div className="mt-4 flex gap-2">
          <Button type="submit" kind="primary" disabled={isSending}>
            Rename
          </Button>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function RemoveDialog({ passkey, onClose }: DialogProps) {
  const router = useRouter();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const remove = async () => {
    setSending(true);
    const result = await call<null>("DELETE", `/api/account/passkeys/${passkey.id}`);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    onClose();
    showToast({ kind: "done", text: `Passkey “${passkey.name}” removed` });
    router.refresh();
  };
  return (
    <ConfirmDialog
      isOpen
      title={`Remove the passkey “${passkey.name}”?`}
      verb="Remove"
      keep="Keep it"
      problem={problem}
      isSending={isSending}
      onConfirm={() => void remove()}
      onCancel={onClose}
    >
      It can no longer be used to sign in. Your device may still offer it; delete it there too.
    </ConfirmDialog>
  );
}
