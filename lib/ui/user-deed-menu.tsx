"use client";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactElement } from "react";
import { menuClass, menuItemClass } from "./menu";
import { DEED_QUESTIONS, DEED_WORDS, type UserDeed } from "./user-words";

type UserDeedMenuProps = {
  name: string;
  deeds: readonly UserDeed[];
  onDeed: (deed: UserDeed) => void;
  /** The trigger: one button. */
  children: ReactElement<ComponentProps<"button">>;
};

/** The menu behind `UserActions`, open when it is first shown. What asks before it acts ends in an ellipsis. */
export default function UserDeedMenu({ name, deeds, onDeed, children }: UserDeedMenuProps) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={`For ${name}`}
          className={menuClass}
        >
          {deeds.map((deed) => (
            <DropdownMenu.Item key={deed} onSelect={() => onDeed(deed)} className={menuItemClass}>
              {DEED_WORDS[deed]}
              {DEED_QUESTIONS[deed] ? "…" : ""}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
