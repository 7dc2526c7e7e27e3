"use client";
import { DropdownMenu } from "radix-ui";
import { useEffect, useState } from "react";
import { Icon } from "./icons";
import { areKeysOff } from "./keys";
import { menuClass, menuItemClass, menuLabelClass, menuRuleClass } from "./menu";
import { signOut } from "./sign-out";
import { THEME_COOKIE, THEME_WORDS, THEMES, type Theme, themeOf } from "./theme";

const YEAR_MS = 31_536_000_000;

/* A browser without the Cookie Store API keeps the choice for this page only. */
const keep = (name: string, value: string) => {
  void window.cookieStore?.set({ name, value, path: "/", sameSite: "lax", expires: Date.now() + YEAR_MS });
};

type UserMenuProps = { userName: string; theme: Theme; place: "rail" | "bar" };

/** You: how the page is lit, whether single keys act, and the way out. */
export function UserMenu({ userName, theme, place }: UserMenuProps) {
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
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className={
          place === "rail"
            ? "flex h-[30px] w-full items-center gap-[9px] rounded-ctl px-2 font-label text-ink-2 hover:bg-[color-mix(in_oklch,var(--ink)_6%,transparent)] hover:text-ink"
            : "grid h-14 content-center justify-items-center gap-0.5 text-[11px] leading-[14px] font-[500] text-ink-2"
        }
      >
        {place === "rail" ? (
          <>
            <Initials name={userName} />
            <span className="min-w-0 truncate narrow:sr-only">{userName}</span>
          </>
        ) : (
          <>
            <Icon name="person" className="size-5!" />
            You
          </>
        )}
      </DropdownMenu.Trigger>
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

function Initials({ name }: { name: string }) {
  const words = name.split(/\s+/).filter(Boolean);
  return (
    <span
      aria-hidden="true"
      className="inline-grid size-5 flex-none place-content-center rounded-full border border-line bg-sunken text-[10px] leading-none font-[560] text-ink-2"
    >
      {`${words[0]?.charAt(0) ?? ""}${words.length > 1 ? (words.at(-1)?.charAt(0) ?? "") : ""}`.toUpperCase()}
    </span>
  );
}
