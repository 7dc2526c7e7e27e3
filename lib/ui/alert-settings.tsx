"use client";
import { useRouter } from "next/navigation";
import { useId, useOptimistic, useState, useTransition } from "react";
import type { AlertsDto, ChangeAlerts } from "@/lib/contracts/alerts";
import { AlertPhone } from "./alert-phone";
import { callApi, otherProblem, type Problem } from "./api-client";
import { FieldError } from "./field";
import { Section } from "./section";
import { showToast } from "./toast";

const CARRIERS: Record<AlertsDto["carrier"], string> = {
  off: "Alerts are not set up here yet. Ask your administrator to turn them on.",
  sandbox:
    "The local sandbox stands in for mail and phones, so nothing goes anywhere: read it on the pages Mail and Texts of the sandbox, whose address npm start shows.",
  aws: "",
};

/** Whether one hears of new HOT leads by mail or text, and where that goes. */
export function AlertSettings({ alerts }: { alerts: AlertsDto }) {
  const id = useId();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [, startSending] = useTransition();
  // What was chosen stands at once, and until the page says what became of it.
  const [{ carrier, byMail, byText, email, phone }, choose] = useOptimistic(
    alerts,
    (now, wish: ChangeAlerts): AlertsDto => ({
      ...now,
      byMail: wish.byMail ?? now.byMail,
      byText: wish.byText ?? now.byText,
    }),
  );
  const isOff = carrier === "off";
  const change = (wish: ChangeAlerts, done: string) => {
    startSending(async () => {
      choose(wish);
      const result = await callApi<AlertsDto>("PATCH", "/api/account/alerts", wish);
      setProblem(result.isOk ? null : result.problem);
      if (!result.isOk) return;
      showToast({ kind: "done", text: done });
      // Within the transition, so that the choice stands until the page has it.
      startSending(() => router.refresh());
    });
  };
  const textNote = phone?.isConfirmed ? `to the phone ending in ${phone.ending}` : "once your phone is confirmed";
  return (
    <Section id="alerts" title="Alerts">
      <p className="mb-3 max-w-[68ch] text-ink-2">
        Get a message within a minute when a lead you can see becomes HOT. It gives county, charge and bail, never a
        name, and links to the lead. One message per lead.
      </p>
      {CARRIERS[carrier] ? <p className="mb-3 max-w-[68ch]">{CARRIERS[carrier]}</p> : null}
      <div className="grid">
        <Way
          id={`${id}-mail`}
          label="By e-mail"
          note={`to ${email}`}
          isOn={byMail}
          // What is on can always be turned off.
          isDisabled={isOff && !byMail}
          onChange={(wish) => change({ byMail: wish }, wish ? "E-mail alerts are on" : "E-mail alerts are off")}
        />
        <Way
          id={`${id}-text`}
          label="By text message"
          note={textNote}
          isOn={byText}
          isDisabled={!byText && (isOff || !phone?.isConfirmed)}
          onChange={(wish) => change({ byText: wish }, wish ? "Text alerts are on" : "Text alerts are off")}
        />
      </div>
      <FieldError id={`${id}-error`} error={otherProblem(problem)} />
      {isOff && !phone ? null : <AlertPhone phone={phone} carrier={carrier} />}
    </Section>
  );
}

type WayProps = {
  id: string;
  label: string;
  /** Where it goes, or what it waits for. */
  note: string;
  isOn: boolean;
  isDisabled: boolean;
  onChange: (wish: boolean) => void;
};

const Way = ({ id, label, note, isOn, isDisabled, onChange }: WayProps) => (
  <div className="flex min-h-7 flex-wrap items-center gap-x-2 phone:min-h-11">
    <label htmlFor={id} className={`flex min-h-6 items-center gap-2 phone:min-h-11 ${isDisabled ? "text-ink-3" : ""}`}>
      <input
        id={id}
        type="checkbox"
        className={`ck flex-none ${isDisabled ? "cursor-not-allowed border-dashed" : ""}`}
        checked={isOn}
        disabled={isDisabled}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
    <span id={`${id}-note`} className="min-w-0 [overflow-wrap:anywhere] text-ink-3">
      {note}
    </span>
  </div>
);
