"use client";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { openableUrl } from "./consultation-words";
import { formatTime } from "./format";
import { Icon } from "./icons";
import { menuClass, menuItemClass, menuLabelClass, menuRuleClass } from "./menu";
import { readableName } from "./readable";
import { markSeen, type Reminder } from "./reminder-store";
import { untilWords } from "./reminder-words";

type ReminderMenuProps = {
  place: "rail" | "phone";
  reminders: readonly Reminder[];
  timeZone: string;
  /** The trigger: one button. */
  children: ReactNode;
};

/** The menu behind `ReminderBell`, open when it is first shown. What was shown counts as seen once it closes. */
export default function ReminderMenu({ place, reminders, timeZone, children }: ReminderMenuProps) {
  const now = new Date().toISOString();
  const close = (isOpen: boolean) => {
    if (!isOpen) for (const { consultationId } of reminders) markSeen(consultationId);
  };
  return (
    <DropdownMenu.Root modal={false} defaultOpen onOpenChange={close}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={place === "rail" ? "right" : "bottom"}
          align="end"
          sideOffset={8}
          collisionPadding={8}
          aria-label="Reminders"
          className={`${menuClass} w-[312px]`}
        >
          <DropdownMenu.Label className={menuLabelClass}>
            {reminders.length > 0 ? "Consultations that begin soon" : "No consultation begins soon"}
          </DropdownMenu.Label>
          {reminders.map((reminder) => (
            <ReminderItems
              key={reminder.consultationId + reminder.startsAt}
              reminder={reminder}
              timeZone={timeZone}
              now={now}
            />
          ))}
          <DropdownMenu.Separator className={menuRuleClass} />
          <DropdownMenu.Item asChild className={`${menuItemClass} text-ink hover:no-underline`}>
            <Link href="/consultations" prefetch={false}>
              All consultations
            </Link>
          </DropdownMenu.Item>
          <DropdownMenu.Item asChild className={`${menuItemClass} text-ink hover:no-underline`}>
            <Link href="/settings/profile#reminders" prefetch={false}>
              When to be reminded
            </Link>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type ReminderItemsProps = { reminder: Reminder; timeZone: string; now: string };

function ReminderItems({ reminder, timeZone, now }: ReminderItemsProps) {
  const { consultationId, leadName, kind, startsAt, joinUrl, isSeen } = reminder;
  const url = openableUrl(joinUrl);
  const when = `${formatTime(startsAt, timeZone)}, ${untilWords(startsAt, now)}`;
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Item asChild className={`${menuItemClass} py-1 text-ink hover:no-underline`}>
        <Link
          href={`/consultations/${consultationId}`}
          prefetch={false}
          aria-label={`Open: ${readableName(leadName)}, ${kind}, ${when}`}
        >
          <span className="min-w-0 flex-1">
            <span className={`block truncate ${isSeen ? "" : "font-strong"}`}>{readableName(leadName)}</span>
            <span className="block truncate text-12 text-ink-3">
              {when}, {kind}
            </span>
          </span>
        </Link>
      </DropdownMenu.Item>
      {url ? (
        <DropdownMenu.Item asChild className={`${menuItemClass} text-accent hover:no-underline`}>
          <a
            href={url}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={`Join ${readableName(leadName)}, in a new tab`}
          >
            <Icon name="video" />
            Join
          </a>
        </DropdownMenu.Item>
      ) : null}
    </DropdownMenu.Group>
  );
}
