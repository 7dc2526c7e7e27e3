"use client";
import { useEffect, useId, useState } from "react";
import type { LeadPage } from "@/lib/contracts/leads";
import { STATUS_WORDS } from "@/lib/core/lead-status";
import { callApi } from "./api-client";
import { Field } from "./field";
import { readableName } from "./readable";

type ConsultationLeadPickerProps = {
  /** The lead that it belongs to already. */
  not: string;
  chosen: string | null;
  onChoose: (leadId: string | null) => void;
};

const WAIT_MS = 300;
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** Finds a lead by a name or cause number, or by the address of its page. */
export function ConsultationLeadPicker({ not, chosen, onChoose }: ConsultationLeadPickerProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [found, setFound] = useState<LeadPage["leads"] | null>(null);
  const asked = text.trim();
  const pasted = ID.exec(asked)?.[0]?.toLowerCase();

  useEffect(() => {
    if (pasted || asked.length < 2) return setFound(null);
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const result = await callApi<LeadPage>("GET", `/api/leads?limit=6&q=${encodeURIComponent(asked)}`);
      if (isCurrent) setFound(result.isOk ? result.data.leads : []);
    }, WAIT_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [asked, pasted]);

  const leads = found?.filter((lead) => lead.id !== not);
  return (
    <div>
      <Field
        id={`${id}-q`}
        label="Which lead?"
        hint="Type a name or cause number, or paste the address of the lead’s page."
        value={text}
        maxLength={300}
        autoComplete="off"
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          onChoose(ID.exec(next)?.[0]?.toLowerCase() ?? null);
        }}
      />
      <div role="status" className="mt-1.5 text-ink-2">
        {pasted
          ? pasted === not
            ? "That is the lead that it belongs to already."
            : "The lead of that address."
          : leads?.length === 0
            ? "No lead is found by that."
            : ""}
      </div>
      {leads && leads.length > 0 ? (
        <fieldset className="m-0 mt-1 grid border-0 p-0">
          <legend className="sr-only">Leads found</legend>
          {leads.map((lead) => (
            <label key={lead.id} className="flex min-h-8 items-center gap-2 phone:min-h-11">
              <input
                type="radio"
                name="lead"
                className="ck"
                checked={chosen === lead.id}
                onChange={() => onChoose(lead.id)}
              />
              <span className="min-w-0 truncate">
                {readableName(lead.name)}
                <span className="text-ink-3">
                  , {lead.county}, {STATUS_WORDS[lead.status]}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
    </div>
  );
}
