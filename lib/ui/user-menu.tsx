"use client";
import { lazy } from "react";
import { Icon } from "./icons";
import { MenuOnDemand } from "./menu-on-demand";
import type { Theme } from "./theme";

export type UserMenuProps = { userName: string; theme: Theme; place: "rail" | "bar" };

const prepare = () => import("./user-choices");
const UserChoices = lazy(prepare);

/** You: how the page is lit, whether single keys act, and the way out. */
export function UserMenu(props: UserMenuProps) {
  const trigger = props.place === "rail" ? railButton(props.userName) : BAR_BUTTON;
  return (
    <MenuOnDemand trigger={trigger} prepare={prepare}>
      <UserChoices {...props}>{trigger}</UserChoices>
    </MenuOnDemand>
  );
}

const railButton = (userName: string) => (
  <button
    type="button"
    className="flex h-[30px] w-full items-center gap-[9px] rounded-ctl px-2 font-label text-ink-2 hover:bg-[color-mix(in_oklch,var(--ink)_6%,transparent)] hover:text-ink"
  >
    <Initials name={userName} />
    <span className="min-w-0 truncate narrow:sr-only">{userName}</span>
  </button>
);

const BAR_BUTTON = (
  <button
    type="button"
    className="grid h-14 content-center justify-items-center gap-0.5 text-[11px] leading-[14px] font-[500] text-ink-2"
  >
    <Icon name="person" className="size-5!" />
    You
  </button>
);

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
