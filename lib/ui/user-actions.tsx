"use client";
import Link from "next/link";
import { lazy } from "react";
import type { UserDto } from "@/lib/contracts/users";
import type { Role } from "@/lib/core/role";
import { buttonClass } from "./button";
import { Icon } from "./icons";
import { MenuOnDemand } from "./menu-on-demand";
import { deedsFor, type UserDeed } from "./user-words";

export type UserActionsProps = {
  user: UserDto;
  me: { id: string; role: Role };
  onDeed: (deed: UserDeed, user: UserDto) => void;
};

const prepare = () => import("./user-deed-menu");
const UserDeedMenu = lazy(prepare);

/** What this admin can do with a user: the change at hand, the rest in a menu. */
export function UserActions({ user, me, onDeed }: UserActionsProps) {
  const [first, ...rest] = deedsFor(user, me);
  if (user.id === me.id)
    return (
      <Link href="/settings/profile" className={buttonClass("quiet")}>
        Profile
      </Link>
    );
  if (!first) return <span className="block py-[5px] text-ink-3">Changed by owners</span>;
  const more = (
    <button type="button" className={buttonClass("quiet")} aria-label={`More for ${user.name}`}>
      <Icon name="more" />
    </button>
  );
  return (
    <>
      <button
        type="button"
        className={buttonClass("quiet")}
        aria-label={`Change ${user.name}`}
        onClick={() => onDeed(first, user)}
      >
        Change
      </button>
      <MenuOnDemand trigger={more} prepare={prepare}>
        <UserDeedMenu name={user.name} deeds={rest} onDeed={(deed) => onDeed(deed, user)}>
          {more}
        </UserDeedMenu>
      </MenuOnDemand>
    </>
  );
}
