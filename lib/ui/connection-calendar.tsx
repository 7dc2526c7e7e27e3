"use client";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import type { CalendarList, ConnectionDto } from "@/lib/contracts/connections";
import { callApi, type Problem, problemText } from "./api-client";
import { Button } from "./button";
import { FieldError, SelectField } from "./field";
import { useProtectedCall } from "./step-up";
import { showToast } from "./toast";

/** Which calendar the consultations are written to, and whether the people are invited. The calendars are asked for when somebody wants to choose. */
export function CalendarChoice({ settings }: { settings: ConnectionDto["settings"] }) {
  const id = useId();
  const router = useRouter();
  const call = useProtectedCall();
  const [calendars, setCalendars] = useState<CalendarList["calendars"] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const load = async () => {
    setSending(true);
    const result = await callApi<CalendarList>("GET", "/api/connections/google/calendars");
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (result.isOk) setCalendars(result.data.calendars);
  };
  const save = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    setSending(true);
    const result = await call<ConnectionDto>("PATCH", "/api/connections/google", {
      calendarId: String(data.get("calendarId")),
      invitesAttendees: data.get("invites") === "on",
    });
    setSending(false);
    setProblem(result.isOk ? null : result.problem);
    if (!result.isOk) return;
    setCalendars(null);
    showToast({ kind: "done", text: "Consultations now appear in this calendar" });
    router.refresh();
  };
  const refusal = <FieldError id={`${id}-problem`} error={problem ? problemText(problem) : undefined} />;
  if (!calendars) {
    return (
      <div className="mt-3">
        <p className="text-ink-2">
          Consultations are written to{" "}
          {settings.calendarId ? <b>{settings.calendarId}</b> : "the account’s own calendar"}.
          {settings.invitesAttendees === "true" ? " The person who booked is invited." : " Nobody is invited."}{" "}
          <button
            type="button"
            className="inline-flex min-h-6 items-center text-accent underline phone:flex phone:min-h-11"
            disabled={isSending}
            onClick={() => void load()}
          >
            {isSending ? "Asking Google…" : "Choose another"}
          </button>
        </p>
        {refusal}
      </div>
    );
  }
  return (
    <form
      className="mt-3 grid max-w-[440px] gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <SelectField id={`${id}-calendar`} name="calendarId" defaultValue={settings.calendarId} label="Calendar">
        {calendars.map((calendar) => (
          <option key={calendar.id} value={calendar.id}>
            {calendar.name}
          </option>
        ))}
      </SelectField>
      <label className="flex min-h-7 items-center gap-2 phone:min-h-11">
        <input type="checkbox" name="invites" className="ck" defaultChecked={settings.invitesAttendees === "true"} />
        <span>Invite the person who booked: Google writes to them</span>
      </label>
      {refusal}
      <div className="flex gap-2">
        <Button type="submit" disabled={isSending}>
          Save
        </Button>
        <Button kind="quiet" onClick={() => setCalendars(null)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
