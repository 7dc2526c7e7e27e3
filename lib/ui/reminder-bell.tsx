"use client";
import { lazy, useEffect, useRef, useState } from "react";
import { Icon } from "./icons";
import { MenuOnDemand } from "./menu-on-demand";
import { useReminders } from "./reminder-store";

const prepare = () => import("./reminder-menu");
const ReminderMenu = lazy(prepare);

type ReminderBellProps = {
  /** In the rail it is always there; on a phone, above the page, while there is something to say. */
  place: "rail" | "phone";
  timeZone: string;
};

/** How many consultations begin soon; its menu names them. */
export function ReminderBell({ place, timeZone }: ReminderBellProps) {
  const reminders = useReminders();
  const unseen = reminders.filter(({ isSeen }) => !isSeen);
  if (place === "phone" && unseen.length === 0) return null;
  const words =
    unseen.length === 0
      ? "No reminders"
      : unseen.length === 1
        ? "1 consultation soon"
        : `${unseen.length} consultations soon`;
  const trigger =
    place === "rail" ? (
      <button
        type="button"
        aria-label={unseen.length > 0 ? `Reminders: ${words}` : "Reminders"}
        className="flex h-[30px] w-full items-center gap-[9px] rounded-ctl px-2 font-label text-ink-2 hover:bg-[color-mix(in_oklch,var(--ink)_6%,transparent)] hover:text-ink narrow:px-[9px]"
      >
        <span className="relative">
          <Icon name="bell" className={`block ${unseen.length > 0 ? "text-accent" : ""}`} />
          {unseen.length > 0 ? (
            <i className="absolute -top-1 -right-1 hidden size-2 rounded-full bg-accent narrow:block" />
          ) : null}
        </span>
        <span className="narrow:sr-only">Reminders</span>
        {unseen.length > 0 ? (
          <b className="num ml-auto text-12 font-strong text-accent narrow:hidden">{unseen.length}</b>
        ) : null}
      </button>
    ) : (
      <button
        type="button"
        className="hidden min-h-11 w-full items-center gap-2 border-b border-line bg-accent-soft px-gutter font-emph text-ink phone:flex"
      >
        <Icon name="bell" className="text-accent" />
        {words}
        <Icon name="down" className="ml-auto" />
      </button>
    );
  return (
    <MenuOnDemand trigger={trigger} prepare={prepare}>
      <ReminderMenu place={place} reminders={reminders} timeZone={timeZone}>
        {trigger}
      </ReminderMenu>
    </MenuOnDemand>
  );
}

/** Says a reminder that has just come to who cannot see the bell. Once in the page. */
export function ReminderSpeaker() {
  const reminders = useReminders();
  const known = useRef<Set<string> | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const fresh = reminders.filter(({ consultationId, startsAt, isSeen }) => {
      const isNew = !known.current?.has(consultationId + startsAt);
      return isNew && !isSeen;
    });
    known.current = new Set(reminders.map(({ consultationId, startsAt }) => consultationId + startsAt));
    if (fresh.length === 0) return;
    void import("./reminder-words").then(({ soonWords }) => setSaid(fresh.map(soonWords).join(" ")));
  }, [reminders]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
