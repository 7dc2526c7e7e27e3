"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { CrmFact, CrmMappingPage, CrmRule } from "@/lib/contracts/connections";
import { otherProblem, type Problem } from "./api-client";
import { Button } from "./button";
import {
  type CrmChoice,
  type CrmFactInfo,
  choiceOf,
  choiceProblem,
  choicesOf,
  fieldsOf,
  LAST_NAME_FIELD,
  RULE_WORDS,
} from "./crm-mapping-words";
import { FieldError, selectClass } from "./field";
import { Section } from "./section";
import { useProtectedCall } from "./step-up";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";
import { showToast } from "./toast";

const SELECT = `${selectClass} max-w-[260px] phone:max-w-none`;

/** Which field of Zoho holds what, and whose word counts. Saving asks for a fresh factor. */
export function CrmMappingForm({ facts, mapping }: { facts: readonly CrmFactInfo[]; mapping: CrmMappingPage }) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [choices, setChoices] = useState(() => choicesOf(facts, mapping));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const isWrong = facts.some(({ fact }) => choiceProblem(facts, choices, fact, mapping.available));
  const change = (fact: CrmFact, to: Partial<CrmChoice>) => {
    setProblem(null);
    setChoices((before) => new Map(before).set(fact, { ...choiceOf(before, fact), ...to }));
  };
  const save = async () => {
    setSending(true);
    const result = await call<CrmMappingPage>("PUT", "/api/connections/zoho/fields", { fields: fieldsOf(choices) });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setChoices(choicesOf(facts, result.data));
    showToast({ kind: "done", text: "Fields saved. Leads are written with them as they change" });
    router.refresh();
  };
  return (
    <Section id="crm-fields" title="Which field holds what">
      <p className="mb-3.5 max-w-[66ch] text-ink-2">
        People who answered are written to Zoho CRM with these fields. What somebody is charged with is sent only if you
        choose a field for it. When a field was changed on both sides, the rule beside it decides.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <table className="tb stack" {...tableRoles.table}>
          <TableHead columns={["In Arrestra", "In Zoho", "When both changed"]} />
          <tbody {...tableRoles.group}>
            {facts.map((info) => (
              <Row
                key={info.fact}
                id={`${id}-${info.fact}`}
                info={info}
                choice={choiceOf(choices, info.fact)}
                available={mapping.available}
                problem={choiceProblem(facts, choices, info.fact, mapping.available)}
                onChange={(to) => change(info.fact, to)}
              />
            ))}
          </tbody>
        </table>
        <FieldError id={`${id}-error`} error={otherProblem(problem)} />
        <div className="mt-3.5">
          <Button type="submit" kind="primary" disabled={isSending || isWrong}>
            {isSending ? "Saving…" : "Save fields"}
          </Button>
        </div>
      </form>
    </Section>
  );
}

type RowProps = {
  id: string;
  info: CrmFactInfo;
  choice: CrmChoice;
  available: CrmMappingPage["available"];
  problem: string | undefined;
  onChange: (to: Partial<CrmChoice>) => void;
};

function Row({ id, info: { fact, label, isPulled }, choice, available, problem, onChange }: RowProps) {
  const isFixed = fact === "lastName";
  const isKnown = choice.theirs === "" || available.some(({ name }) => name === choice.theirs);
  return (
    <tr {...tableRoles.row}>
      <td className="wide align-middle! font-emph" {...tableRoles.cell}>
        {label}
      </td>
      <td className="wide" {...tableRoles.cell}>
        <select
          className={`${SELECT} ${problem ? "border-danger!" : ""}`}
          aria-label={`Field in Zoho for ${label}`}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-problem` : undefined}
          disabled={isFixed}
          value={choice.theirs}
          onChange={(event) => onChange({ theirs: event.currentTarget.value })}
        >
          {isFixed ? null : <option value="">Not kept there</option>}
          {isKnown ? null : <option value={choice.theirs}>{choice.theirs} (gone)</option>}
          {available.map((field) => (
            <option key={field.name} value={field.name} disabled={!isFixed && field.name === LAST_NAME_FIELD}>
              {field.label}
            </option>
          ))}
        </select>
        <FieldError id={`${id}-problem`} error={problem} />
      </td>
      <td className="wide align-middle!" {...tableRoles.cell}>
        {isPulled ? (
          <>
            <span className="mt-2 mb-1 hidden text-13 text-ink-3 phone:block" aria-hidden="true">
              When both changed
            </span>
            <select
              className={SELECT}
              aria-label={`Whose word counts for ${label}`}
              disabled={choice.theirs === ""}
              value={choice.rule}
              onChange={(event) => onChange({ rule: event.currentTarget.value as CrmRule })}
            >
              {Object.entries(RULE_WORDS).map(([rule, words]) => (
                <option key={rule} value={rule}>
                  {words}
                </option>
              ))}
            </select>
          </>
        ) : choice.theirs === "" ? null : (
          <span className="text-ink-3">Arrestra’s word; changes in Zoho stay there</span>
        )}
      </td>
    </tr>
  );
}
