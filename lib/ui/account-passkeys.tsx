"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { PasskeyDto, PasskeyOptions } from "@/lib/contracts/account";
import { AccountFact, AccountForm } from "./account-form";
import { PasskeyTable } from "./account-passkey-table";
import { fieldProblem, type Problem } from "./api-client";
import { browserWords } from "./browser-words";
import { Button } from "./button";
import { Field, FieldError } from "./field";
import { makePasskey } from "./passkey";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";
import { useDisclosure } from "./use-disclosure";

type AccountPasskeysProps = { passkeys: readonly PasskeyDto[]; host: string; timeZone: string; now: string };

/** More than anybody has devices: the server refuses the eleventh. */
const MOST = 10;

/** Passkeys: what there is, and one more from this device. They belong to the address they were made on. */
export function AccountPasskeys({ passkeys, host, timeZone, now }: AccountPasskeysProps) {
  const { isOpen, setOpen, opener } = useDisclosure();
  const isFull = passkeys.length >= MOST;
  return (
    <Section id="passkeys" title="Passkeys" note={passkeys.length > 0 ? `${passkeys.length}` : undefined}>
      <AccountFact
        action={
          isOpen || isFull ? null : (
            <Button ref={opener} onClick={() => setOpen(true)}>
              Add a passkey
            </Button>
          )
        }
      >
        A passkey is this device’s fingerprint, face or PIN in place of a code. It works on{" "}
        <b className="font-emph text-ink [overflow-wrap:anywhere]">{host}</b> and on no other address of the firm.
        {isFull ? ` You have ${MOST}, which is the most: remove one to add another.` : null}
      </AccountFact>
      {isOpen ? <AddPasskeyForm onClose={() => setOpen(false)} /> : null}
      {passkeys.length > 0 ? <PasskeyTable passkeys={passkeys} timeZone={timeZone} now={now} /> : null}
    </Section>
  );
}

function AddPasskeyForm({ onClose }: { onClose: () => void }) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [words, setWords] = useState<string>();
  const [isSending, setSending] = useState(false);
  const add = async (name: string): Promise<void> => {
    const options = await call<PasskeyOptions>("POST", "/api/account/passkeys/options");
    if (!options.isOk) return setProblem(options.problem);
    const made = await makePasskey(options.data);
    if (!made.isOk) return setWords(made.words);
    const body = { name, credential: made.credential };
    const result = await call<PasskeyDto>("POST", "/api/account/passkeys", body);
    if (!result.isOk) return setProblem(result.problem);
    onClose();
    showToast({ kind: "done", text: `Passkey “${result.data.name}” added` });
    router.refresh();
  };
  const send = async (form: FormData) => {
    setSending(true);
    setProblem(null);
    setWords(undefined);
    await add(String(form.get("name") ?? "").trim());
    setSending(false);
  };
  return (
    <AccountForm
      id={id}
      verb={isSending ? "Waiting for the device…" : "Add this device"}
      isSending={isSending}
      problem={problem}
      fields={["name", "credential"]}
      onSend={(form) => void send(form)}
      onCancel={onClose}
    >
      <Field
        id={`${id}-name`}
        name="name"
        label="Name"
        hint="A name you will recognize, such as “Front desk laptop”."
        defaultValue={browserWords(navigator.userAgent)}
        maxLength={60}
        required
        autoComplete="off"
        error={fieldProblem(problem, "name")}
      />
      <FieldError id={`${id}-device`} error={words ?? credentialWords(problem)} />
    </AccountForm>
  );
}

const credentialWords = (problem: Problem | null): string | undefined => {
  const reason = fieldProblem(problem, "credential");
  return reason ? `The passkey ${reason}.` : undefined;
};
