import type { ReactNode } from "react";
import { Icon } from "./icons";

type GatePageProps = { firmName: string; children: ReactNode };

/** The page before the door: the firm's name, one form, nothing else. */
export function GatePage({ firmName, children }: GatePageProps) {
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr_auto]">
      <header className="flex items-center gap-2.5 px-7 py-5 font-head phone:px-5">
        <Icon name="mark" className="size-[22px]! text-accent" />
        <span className="min-w-0 [overflow-wrap:anywhere]">{firmName}</span>
      </header>
      <main
        id="main"
        className="grid grid-cols-[minmax(0,1fr)] content-start justify-items-center px-5 pt-[clamp(32px,13vh,132px)] pb-10 phone:pt-10"
      >
        {children}
      </main>
      <footer className="flex flex-wrap gap-5 px-7 pt-4 pb-5 text-12 text-ink-3 phone:px-5">
        Signed out after 30 minutes without use. Every sign-in is recorded.
      </footer>
    </div>
  );
}
