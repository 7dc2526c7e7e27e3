"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { DomainDto } from "@/lib/contracts/domains";
import { fieldProblem, otherProblem, type Problem, problemText } from "./api-client";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { DomainTable } from "./domain-table";
import { DOMAIN_PROBLEM_WORDS } from "./domain-words";
import { Field, FieldError } from "./field";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

type DomainPanelProps = {
  domains: readonly DomainDto[];
  /** The host that this page is read on: removing it ends this session. */
  thisHost: string;
  timeZone: string;
  now: string;
};

/** Where the firm answers: what there is, proving, adding and removing. Each change asks for a fresh factor. */
export function DomainPanel({ domains, thisHost, timeZone, now }: DomainPanelProps) {
  const router = useRouter();
  const call = useProtectedCall();
  const [checking, setChecking] = useState<string | null>(null);
  const [removing, setRemoving] = useState<DomainDto | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);

  const check = async ({ id, host }: DomainDto) => {
    setChecking(id);
    const result = await call<DomainDto>("PATCH", `/api/domains/${id}`, { state: "verified" });
    setChecking(null);
    if (!result.isOk) showToast({ kind: "error", text: problemText(result.problem) });
    else if (result.data.problem)
      showToast({ kind: "note", text: `${host}: ${DOMAIN_PROBLEM_WORDS[result.data.problem]}` });
    else showToast({ kind: "done", text: `${host} is proven. The firm answers there` });
    router.refresh();
  };
  const remove = async () => {
    if (!removing) return;
    setSending(true);
    const result = await call("DELETE", `/api/domains/${removing.id}`);
    setSending(false);
    if (!result.isOk) return setProblem(result.problem);
    setRemoving(null);
    showToast({ kind: "done", text: `${removing.host} removed` });
    router.refresh();
  };
  const isHere = removing !== null && thisHost.replace(/:\d+$/, "") === removing.host;
  return (
    <>
      <Section id="domains" title="Where the firm answers" note={`${domains.length}`}>
        <DomainTable
          domains={domains}
          timeZone={timeZone}
          now={now}
          checking={checking}
          onCheck={(domain) => void check(domain)}
          onRemove={(domain) => {
            setProblem(null);
            setRemoving(domain);
          }}
        />
      </Section>
      <AddDomainForm />
      <ConfirmDialog
        isOpen={removing !== null}
        title={removing ? `Remove ${removing.host}?` : ""}
        verb="Remove"
        keep="Keep it"
        problem={problem}
        isSending={isSending}
        onConfirm={() => void remove()}
        onCancel={() => setRemoving(null)}
      >
        {removing?.state === "verified"
          ? `The firm stops answering there within a second, and whoever is signed in there is signed out. Passkeys made on this address stop working; codes of an authenticator work everywhere.${isHere ? " You are reading this page there." : ""}`
          : "It was not proven yet, so nobody uses it."}
      </ConfirmDialog>
    </>
  );
}

function AddDomainForm() {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const add = async (form: HTMLFormElement) => {
    setSending(true);
    const host = String(new FormData(form).get("host") ?? "").trim();
    const result = await call<DomainDto>("POST", "/api/domains", { host });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    form.reset();
    showToast({ kind: "done", text: `${result.data.host} added. Publish its TXT record, then check` });
    router.refresh();
  };
  const ofHost = fieldProblem(problem, "host");
  return (
    <Section id="add-domain" title="Add a domain">
      <p className="mb-3.5 max-w-[66ch] text-ink-2">
        Point a name such as leads.smithlaw.com at us with a CNAME record for the firm’s address above, and prove that
        it is yours with the TXT record that appears here. Passkeys belong to one address: people register theirs again
        on the new one.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add(event.currentTarget);
        }}
        className="grid max-w-[440px] gap-3.5"
      >
        <Field
          id={`${id}-host`}
          name="host"
          label="Domain"
          placeholder="leads.smithlaw.com"
          maxLength={253}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={ofHost}
        />
        <FieldError id={`${id}-error`} error={ofHost ? undefined : otherProblem(problem)} />
        <div>
          <Button type="submit" kind="primary" disabled={isSending}>
            {isSending ? "Adding…" : "Add domain"}
          </Button>
        </div>
      </form>
    </Section>
  );
}
