"use client";
import { DropdownMenu } from "radix-ui";
import { blockedMove, LEAD_STATUSES, type LeadStatus, STATUS_MOVES, STATUS_WORDS } from "@/lib/core/lead-status";
import { Icon } from "./icons";
import { KeyCap } from "./key-cap";
import { StatusWord } from "./marks";
import { menuClass, menuItemClass, menuRuleClass } from "./menu";
import type { StatusMenuProps } from "./status-menu";
import { STATUS_MARKS } from "./words";

/** The menu behind `StatusMenu`, open when it is first shown. */
export default function StatusMoves({ from, onMove, keyHints = {}, children }: StatusMenuProps) {
  const allowed = LEAD_STATUSES.filter((to) => from.some((status) => STATUS_MOVES[status].includes(to)));
  const blocked = LEAD_STATUSES.filter((to) => !allowed.includes(to) && !from.includes(to));
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Move to"
          // Where the menu is longer than the room, its own scrolling has to be reachable by keyboard too.
          tabIndex={0}
          className={`${menuClass} max-h-[var(--radix-dropdown-menu-content-available-height)] overflow-y-auto`}
        >
          {allowed.map((to) => (
            <DropdownMenu.Item key={to} onSelect={() => onMove(to)} className={menuItemClass}>
              <StatusWord status={to} />
              {keyHints[to] ? <KeyCap of={keyHints[to]} className="ml-auto" /> : null}
            </DropdownMenu.Item>
          ))}
          {blocked.length > 0 ? <DropdownMenu.Separator className={menuRuleClass} /> : null}
          {blocked.map((to) => (
            <BlockedMove key={to} to={to} reason={reasonFor(from, to)} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/* Not `disabled`: the arrow keys must reach it, so that its reason can be read. */
function BlockedMove({ to, reason }: { to: LeadStatus; reason: string }) {
  return (
    <DropdownMenu.Item
      aria-disabled="true"
      onSelect={(event) => event.preventDefault()}
      className={`${menuItemClass} items-start py-1.5 text-ink-3`}
    >
      <Icon name={STATUS_MARKS[to].icon} className="mt-[3px]" />
      <span>
        {STATUS_WORDS[to]}
        <small className="block text-12 phone:text-13">{reason}</small>
      </span>
    </DropdownMenu.Item>
  );
}

const reasonFor = (from: readonly LeadStatus[], to: LeadStatus): string => {
  const [only] = from;
  return only && from.length === 1 ? (blockedMove(only, to) ?? "") : "No selected lead can go there.";
};
