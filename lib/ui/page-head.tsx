import Link from "next/link";
import type { ReactNode } from "react";

/** The head of a page: its name at the left, what can be done with the whole page at the right. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex items-center gap-3 px-gutter pt-3.5 phone:pt-3">
      <h1 className="text-20 font-head tracking-[-0.015em]">{title}</h1>
      <div className="ml-auto flex items-center gap-2">{children}</div>
    </div>
  );
}

/** One view: a filter with a name. `count` is left out when it was not counted. */
export type View = { label: string; href: string; count?: string; isCurrent: boolean };

/** Views as tabs: plain links, since each is an address. */
export function Views({ views }: { views: View[] }) {
  return (
    <nav
      aria-label="Views"
      className="flex gap-0.5 overflow-x-auto border-b border-line px-[calc(var(--gutter)-8px)] pt-2 [scrollbar-width:none]"
    >
      {views.map(({ label, href, count, isCurrent }) => (
        <Link
          key={label}
          href={href}
          prefetch={false}
          aria-current={isCurrent ? "page" : undefined}
          className="relative flex items-baseline gap-1.5 px-2 pt-1.5 pb-2 font-label whitespace-nowrap text-ink-2 hover:text-ink hover:no-underline focus-visible:shadow-[inset_0_0_0_2px_var(--accent)] current:font-strong current:text-ink current:after:absolute current:after:inset-x-2 current:after:-bottom-px current:after:h-0.5 current:after:bg-accent phone:pt-2.5 phone:pb-3"
        >
          {label}
          {count ? <small className="text-12 font-text text-ink-3">{count}</small> : null}
        </Link>
      ))}
    </nav>
  );
}
