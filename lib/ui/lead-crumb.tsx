"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { buttonClass } from "./button";
import { Icon } from "./icons";
import { KeyCap } from "./key-cap";
import { useKeys } from "./keys";
import { type RememberedList, recallList } from "./list-memory";
import { Tip } from "./tip";

/** The way back to the list, and to the leads before and after in the order they had there. */
export function LeadCrumb({ leadId, listHref }: { leadId: string; listHref: string }) {
  const router = useRouter();
  const [list, setList] = useState<RememberedList | null>(null);
  useEffect(() => setList(recallList()), []);
  const at = list ? list.ids.indexOf(leadId) : -1;
  const previous = at > 0 ? `/leads/${list?.ids[at - 1]}` : null;
  const next = list && at >= 0 && at < list.ids.length - 1 ? `/leads/${list.ids[at + 1]}` : null;
  useKeys({ j: () => next && router.push(next), k: () => previous && router.push(previous) });
  return (
    <div className="flex min-h-[46px] items-center gap-2 border-b border-line px-gutter py-2 text-ink-3 phone:sticky phone:top-0 phone:z-5 phone:min-h-[52px] phone:bg-canvas phone:py-1">
      <Link href={list?.href ?? listHref} prefetch={false} className={buttonClass("quiet", "-ml-1.5 pr-2! pl-1!")}>
        <Icon name="left" />
        {list?.label ?? "Leads"}
      </Link>
      {at >= 0 ? (
        <>
          <span className="num phone:hidden">
            {at + 1} of {list?.total ?? `${list?.ids.length} on that page`}
          </span>
          <div className="ml-auto flex items-center gap-1.5">
            <Step href={previous} label="Previous lead" icon="previous" letter="K" />
            <Step href={next} label="Next lead" icon="next" letter="J" />
          </div>
        </>
      ) : null}
    </div>
  );
}

type StepProps = { href: string | null; label: string; icon: "previous" | "next"; letter: string };

function Step({ href, label, icon, letter }: StepProps) {
  if (!href) return null;
  return (
    <Tip label={label}>
      <Link href={href} prefetch={false} aria-label={label} className={buttonClass("quiet")}>
        <Icon name={icon} />
        <KeyCap of={letter} />
      </Link>
    </Tip>
  );
}
