"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";

export type SettingsSection = { href: string; label: string };

/* On a phone the current tab may lie beyond the edge. */
const show = (link: HTMLAnchorElement | null) => link?.scrollIntoView({ block: "nearest", inline: "nearest" });

/** The parts of the settings: a list at the left, tabs that scroll on a phone. Plain links, since each is an address. */
export function SettingsNav({ sections }: { sections: SettingsSection[] }) {
  const path = usePathname() ?? "";
  return (
    <nav
      aria-label="Settings"
      className="flex w-[168px] flex-none flex-col gap-0.5 border-r border-line px-2 pt-4 pb-6 phone:w-auto phone:flex-row phone:self-stretch phone:overflow-x-auto phone:border-r-0 phone:border-b phone:px-2 phone:pt-1 phone:pb-0 phone:[scrollbar-width:none] print:hidden"
    >
      {sections.map(({ href, label }) => {
        const isCurrent = path === href || path.startsWith(`${href}/`);
        return (
          <Link
            key={href}
            ref={isCurrent ? show : undefined}
            href={href}
            prefetch={false}
            aria-current={isCurrent ? "page" : undefined}
            className="relative flex h-[30px] items-center rounded-ctl px-2 font-label whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink hover:no-underline current:bg-[color-mix(in_oklch,var(--ink)_8%,transparent)] current:font-strong current:text-ink phone:h-11 phone:rounded-none phone:current:bg-transparent phone:current:after:absolute phone:current:after:inset-x-2 phone:current:after:-bottom-px phone:current:after:h-0.5 phone:current:after:bg-accent"
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
