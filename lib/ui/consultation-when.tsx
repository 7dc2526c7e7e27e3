"use client";
import { useState } from "react";
import { fromWallTime, toWallTime } from "@/lib/core/local-time";
import { addDays, dayOf } from "./calendar-days";
import { Field } from "./field";
import { formatInstant } from "./format";

type ConsultationWhenProps = {
  id: string;
  /** What it begins with; without it the next whole hour of tomorrow. */
  startsAt?: string;
  /** None where the length cannot be chosen. */
  minutes: number | null;
  timeZone: string;
  now: string;
  errors: { startsAt?: string | undefined; minutes?: string | undefined };
};

/** A time of day `HH:MM` on a day, read on the clocks of a zone; null when either is missing. */
export function instantOf(day: string, time: string, timeZone: string): string | null {
  const [year, month, date] = day.split("-").map(Number);
  const [hour, minute] = time.split(":").map(Number);
  if (!year || !month || !date || hour === undefined || minute === undefined || Number.isNaN(hour + minute))
    return null;
  return fromWallTime({ year, month, day: date, hour, minute, second: 0 }, timeZone).toISOString();
}

const timeOf = (iso: string, timeZone: string): string => {
  const { hour, minute } = toWallTime(new Date(iso), timeZone);
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
};

/** Day, time and length, by the firm's clocks; says what instant that is, with its zone. Fields `day`, `time`, `minutes`. */
export function ConsultationWhen({ id, startsAt, minutes, timeZone, now, errors }: ConsultationWhenProps) {
  const [day, setDay] = useState(startsAt ? dayOf(startsAt, timeZone) : addDays(dayOf(now, timeZone), 1));
  const [time, setTime] = useState(startsAt ? timeOf(startsAt, timeZone) : "10:00");
  const chosen = instantOf(day, time, timeZone);
  return (
    <div>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_92px] gap-2.5 phone:grid-cols-2">
        <Field
          id={`${id}-day`}
          name="day"
          type="date"
          label="Day"
          value={day}
          required
          onChange={(event) => setDay(event.target.value)}
          error={errors.startsAt}
          className="phone:col-span-2"
        />
        <Field
          id={`${id}-time`}
          name="time"
          type="time"
          label="Time"
          value={time}
          required
          onChange={(event) => setTime(event.target.value)}
        />
        {minutes === null ? null : (
          <Field
            id={`${id}-minutes`}
            name="minutes"
            type="number"
            label="Minutes"
            min={5}
            max={480}
            step={5}
            defaultValue={minutes}
            required
            error={errors.minutes}
          />
        )}
      </div>
      <p role="status" className="mt-1.5 min-h-4 text-12 text-ink-3 phone:text-13">
        {chosen
          ? `${formatInstant(chosen, timeZone, now)}${chosen < now ? ". That is past" : ""}`
          : "Choose a day and a time."}
      </p>
    </div>
  );
}

/** What the fields of `ConsultationWhen` say. */
export const readWhen = (form: FormData, timeZone: string): { startsAt: string | null; minutes: number } => ({
  startsAt: instantOf(String(form.get("day") ?? ""), String(form.get("time") ?? ""), timeZone),
  minutes: Number(form.get("minutes")) || 30,
});
