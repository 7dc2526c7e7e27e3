import type { ReactNode } from "react";

type SectionProps = { id: string; title: string; note?: ReactNode; right?: ReactNode; children: ReactNode };

/** A part of a page under a hairline, with its name, a figure beside it and something at the right. */
export function Section({ id, title, note, right, children }: SectionProps) {
  return (
    <section
      id={id}
      aria-labelledby={`h-${id}`}
      className="scroll-mt-11 border-b border-line px-gutter pt-4 pb-[18px] last:border-b-0 phone:scroll-mt-[100px]"
    >
      <header className="mb-2 flex items-baseline gap-2 phone:flex-wrap">
        <h2 id={`h-${id}`} className="text-14 font-head tracking-[-0.005em] phone:text-16">
          {title}
        </h2>
        {note ? <span className="text-ink-3">{note}</span> : null}
        {right ? <span className="ml-auto text-ink-3">{right}</span> : null}
      </header>
      {children}
    </section>
  );
}
