"use client";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { Icon } from "./icons";
import { areKeysOff } from "./keys";
import { menuClass, menuItemClass, menuLabelClass, menuRuleClass } from "./menu";
import { signOut } from "./sign-out";
import { THEME_COOKIE, THEME_WORDS, THEMES, themeOf } from "./theme";
import type { UserMenuProps } from "./user-menu";

const YEAR_MS = 31_536_000_000;

/* A browser without the Cookie Store API keeps the choice for this page only. */
const keep = (name: string, value: string) => {
  void window.cookieStore?.set({ name, value, path: "/", sameSite: "lax", expires: Date.now() + YEAR_MS });
};

type UserChoicesProps = UserMenuProps & {
  /** The trigger: one button. */
  children: ReactNode;
};

/** The menu behind `UserMenu`, open when it is first shown. */
export default function UserChoices({ userName, theme, place, children }: UserChoicesProps) {
  const [chosen, setChosen] = useState(theme);
  const [hasKeys, setKeys] = useState(true);
  useEffect(() => setKeys(!areKeysOff()), []);
  const light = (value: string) => {
    const next = themeOf(value);
    keep(THEME_COOKIE, next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    setChosen(next);
  };
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={place === "rail" ? "right" : "top"}
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className={menuClass}
        >
          <DropdownMenu.Label className={menuLabelClass}>{userName}</DropdownMenu.Label>
          <DropdownMenu.Separator className={menuRuleClass} />
          <DropdownMenu.Label className={menuLabelClass}>Light or dark</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={chosen} onValueChange={light}>
            {THEMES.map((value) => (
              <DropdownMenu.RadioItem
                key={value}
                value={value}
                className={menuItemClass}
                onSelect={(event) => event.preventDefault()}
              >
                <Chosen />
                {THEME_WORDS[value]}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className={menuRuleClass} />
          <DropdownMenu.CheckboxItem
            checked={hasKeys}
            onCheckedChange={(isOn) => {
              keep("keys", isOn ? "on" : "off");
              setKeys(isOn);
            }}
            onSelect={(event) => event.preventDefault()}
            className={`${menuItemClass} phone:hidden`}
          >
            <Chosen />
            Single keys such as J and K
          </DropdownMenu.CheckboxItem>
          <DropdownMenu.Item asChild className={`${menuItemClass} text-ink hover:no-underline`}>
            <Link href="/settings" prefetch={false}>
              <span className="w-4" />
              Settings
            </Link>
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => void signOut()} className={menuItemClass}>
            <span className="w-4" />
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Chosen() {
  return (
    <span className="w-4">
      <DropdownMenu.ItemIndicator>
        <Icon name="check" />
      </DropdownMenu.ItemIndicator>
    </span>
  );
}
