import Link from "next/link";
import type { ReactNode } from "react";
import { Icon } from "./icons";
import { KeyCap } from "./key-cap";
import { PlaceLink } from "./place-link";
import { ReminderBell, ReminderSpeaker } from "./reminder-bell";
import { ShellKeys } from "./shell-keys";
import { StepUp } from "./step-up";
import type { Theme } from "./theme";
import { Toaster } from "./toast";
import { UserMenu } from "./user-menu";

/** How many sources are read, and what is wrong with the others in a few words. */
export type SourceHealth = { read: number; total: number; note: string | null };

type ShellProps = {
  firmName: string;
  /** The firm's host, shown under its name. */
  host: string;
  userName: string;
  /** The firm's zone, in which reminders are said. */
  timeZone: string;
  theme: Theme;
  /** Open leads, as text: `248`, `10,000+`. */
  openLeads?: string;
  leadsHref: string;
  health: SourceHealth;
  /** The data comes from the local sandbox: says so above everything. */
  isSandbox: boolean;
  children: ReactNode;
};

/** The house around every page of a firm: rail, icon rail or bottom bar by width, sandbox strip, toasts, keys. */
export function Shell({
  firmName,
  host,
  userName,
  timeZone,
  theme,
  openLeads,
  leadsHref,
  health,
  isSandbox,
  children,
}: ShellProps) {
  const readWords = health.total === 0 ? "No source read yet" : `${health.read} of ${health.total} sources read`;
  return (
    <>
      <a href="#main" className="absolute -top-16 left-2 z-50 rounded-ctl bg-raised px-3 py-2 shadow-lift focus:top-2">
        Skip to content
      </a>
      <div className="grid min-h-dvh grid-cols-[192px_minmax(0,1fr)] narrow:grid-cols-[53px_minmax(0,1fr)] phone:block phone:min-h-0 phone:pb-[calc(56px+env(safe-area-inset-bottom))] print:block">
        <header className="sticky top-0 flex h-dvh flex-col gap-0.5 border-r border-line bg-rail px-2 pt-2.5 pb-2 phone:hidden print:hidden">
          <div className="flex items-center gap-[9px] px-2 pt-1 pb-3 narrow:px-1.5">
            <Icon name="mark" className="size-6! text-accent" />
            <div className="min-w-0 narrow:sr-only">
              <b className="block truncate leading-4 font-head tracking-[-0.01em]">{firmName}</b>
              <small title={host} className="block truncate text-12 text-ink-3">
                {host.replace(/:\d+$/, "")}
              </small>
            </div>
          </div>
          <nav aria-label="Main" className="grid gap-0.5">
            <Link
              href={`${leadsHref}#q`}
              prefetch={false}
              className="mb-2 flex h-[30px] items-center gap-[9px] rounded-ctl border border-line bg-canvas px-2 text-ink-3 hover:text-ink hover:no-underline narrow:px-[9px]"
            >
              <Icon name="find" />
              <span className="narrow:sr-only">Search</span>
              <KeyCap of="/" className="ml-auto narrow:hidden" />
            </Link>
            <PlaceLink
              href={leadsHref}
              root="/leads"
              icon="leads"
              label="Leads"
              {...(openLeads ? { count: openLeads } : {})}
            />
            <PlaceLink href="/consultations" root="/consultations" icon="calendar" label="Consultations" />
            <PlaceLink href="/sources" root="/sources" icon="sources" label="Sources" />
          </nav>
          <div className="mt-auto grid grid-cols-1 gap-0.5">
            <Link
              href="/sources"
              prefetch={false}
              aria-label={`${readWords}${health.note ? `, ${health.note}` : ""}`}
              className="grid grid-cols-[16px_1fr] items-start gap-x-[9px] rounded-ctl p-2 leading-[17px] text-ink-2 hover:bg-[color-mix(in_oklch,var(--ink)_6%,transparent)] hover:text-ink hover:no-underline narrow:grid-cols-[16px] narrow:px-[9px]"
            >
              <Icon name={health.read < health.total ? "warn" : "sources"} className="mt-px" />
              <span className="narrow:hidden">
                {readWords}
                {health.note ? <small className="block text-12 text-ink-3">{health.note}</small> : null}
              </span>
            </Link>
            <ReminderBell place="rail" timeZone={timeZone} />
            <PlaceLink href="/settings" root="/settings" icon="settings" label="Settings" />
            <div className="mt-1.5 border-t border-line pt-1.5">
              <UserMenu userName={userName} theme={theme} place="rail" />
            </div>
          </div>
        </header>
        <div className="flex min-w-0 flex-col">
          {isSandbox ? <SandboxStrip /> : null}
          <ReminderBell place="phone" timeZone={timeZone} />
          <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col focus-visible:shadow-none">
            {children}
          </main>
        </div>
      </div>
      <nav
        aria-label="Main, phone"
        className="fixed inset-x-0 bottom-0 z-30 hidden grid-cols-[1fr_auto_1fr_1fr_1fr] border-t border-line bg-rail pb-[env(safe-area-inset-bottom)] phone:grid print:hidden"
      >
        <PlaceLink href={leadsHref} root="/leads" icon="leads" label="Leads" isTab />
        <PlaceLink href="/consultations" root="/consultations" icon="calendar" label="Consultations" isTab />
        <PlaceLink href="/sources" root="/sources" icon="sources" label="Sources" isTab />
        <PlaceLink href={`${leadsHref}#q`} root="" icon="find" label="Search" isTab />
        <UserMenu userName={userName} theme={theme} place="bar" />
      </nav>
      <ShellKeys leadsHref={leadsHref} />
      <ReminderSpeaker />
      <Toaster />
      <StepUp />
    </>
  );
}

function SandboxStrip() {
  return (
    <p
      role="note"
      className="flex min-h-7 items-center border-b border-line bg-[repeating-linear-gradient(-45deg,var(--sunken)_0_6px,transparent_6px_12px)] px-gutter py-1 text-12 text-ink-2"
    >
      <span className="rounded-tag bg-canvas px-2 py-px">
        <b className="font-strong text-ink">Sandbox data.</b> Every person here is invented
        <span className="phone:hidden">; look-ups go to the local sandbox</span>.
      </span>
    </p>
  );
}
