import Link from "next/link";
import type { LeadFilter } from "@/lib/contracts/leads";
import { buttonClass } from "./button";
import { filterChips, leadsHref } from "./lead-query";
import { Empty } from "./states";

/** A firm before its first lead: what will happen, without anything to do. */
export function NoLeads() {
  return (
    <Empty
      title="No leads yet"
      steps={[
        "A scraper reads the county’s bail forms and posts them with the firm’s API key",
        "Each form becomes a lead here, with its score and the reasons",
        "Nothing else is needed from you",
      ]}
      actions={
        <Link href="/sources" prefetch={false} className={buttonClass()}>
          See the sources
        </Link>
      }
    >
      Leads appear here minutes after your counties publish them.
    </Empty>
  );
}

/** Nothing under this filter: names it and offers the smallest step back. */
export function NoMatch({ filter }: { filter: LeadFilter }) {
  const chips = filterChips(filter);
  const named = [
    filter.q ? `search “${filter.q}”` : "",
    ...chips.map(({ name, value }) => `${name.toLowerCase()} ${value}`),
  ].filter(Boolean);
  return (
    <Empty
      title="No leads match these filters"
      actions={
        <>
          {filter.q ? (
            <Link href={leadsHref({ ...filter, q: undefined })} prefetch={false} className={buttonClass()}>
              Remove search
            </Link>
          ) : null}
          {chips.map(({ key, name, without }) => (
            <Link key={key} href={leadsHref(without)} prefetch={false} className={buttonClass()}>
              Remove {name.toLowerCase()}
            </Link>
          ))}
          <Link href="/leads" prefetch={false} className={buttonClass("quiet")}>
            Clear all filters
          </Link>
        </>
      }
    >
      {named.length > 0
        ? `${named.join(", ").replace(/^./, (letter) => letter.toUpperCase())}.`
        : "There is nothing here."}
    </Empty>
  );
}
