import type { ReactNode } from "react";
import { Button } from "./button";
import { Icon } from "./icons";
import { Views } from "./page-head";
import { Toaster } from "./toast";

const PLACES = [
  { label: "Sources", href: "/operator" },
  { label: "Firms", href: "/operator/firms" },
];

/** What is around the operator's pages: where they are, and the way out. No firm's name is in it. */
export function OperatorShell({ current, children }: { current: string; children: ReactNode }) {
  return (
    <>
      <header className="flex items-center gap-2.5 px-gutter pt-3 font-head">
        <Icon name="mark" className="size-[22px]! text-accent" />
        <span>Arrestra operator</span>
        <form method="post" action="/operator/session" className="ml-auto">
          <input type="hidden" name="end" value="yes" />
          <Button type="submit" kind="quiet">
            Sign out
          </Button>
        </form>
      </header>
      <Views views={PLACES.map((place) => ({ ...place, isCurrent: place.href === current }))} />
      <main id="main">{children}</main>
      <Toaster />
    </>
  );
}
