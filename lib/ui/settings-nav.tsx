"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";

export type SettingsSection = { href: string; label: string };

/* Where it is narrow the current tab may lie beyond the edge. */
const show = (link: HTMLAnchorElement | null) => link?.scrollIntoView({ block: "nearest", inline: "nearest" });

/** The parts of the settings: a list at the left, tabs that scroll where it is narrow. Plain links, since each is an address. */
export function SettingsNav({ sections }: { sections: SettingsSection[] }) {
  const path = usePathname() ?? "";
  return (
    <nav
      aria-label="Settings"
      className="flex w-[168px] flex-none flex-col gap-0.5 border-r border-line px-2 pt-4 pb-6 narrow:w-auto narrow:flex-row narrow:self-stretch narrow:overflow-x-auto narrow:border-r-0 narrow:border-b narrow:px-[calc(var(--gutter)-8px)] narrow:pt-1 narrow:pb-0 narrow:[scrollbar-width:none] print:hidden"
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
            className="relative flex h-[30px] items-center rounded-ctl px-2 font-label whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink hover:no-underline current:bg-[color-mix(in_oklch,var(--ink)_8%,transparent)] current:font-strong current:text-ink narrow:h-9 phone:h-11 narrow:rounded-none narrow:focus-visible:shadow-[inset_0_0_0_2px_var(--accent)] narrow:current:bg-transparent narrow:current:after:absolute narrow:current:after:inset-x-2 narrow:current:after:-bottom-px narrow:current:after:h-0.5 narrow:current:after:bg-accent"
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
