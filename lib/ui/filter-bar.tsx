import Link from "next/link";
import type { LeadCounts, LeadFilter } from "@/lib/contracts/leads";
import { fieldClass, inputClass } from "./field";
import { FilterForm } from "./filter-form";
import { FilterPopover } from "./filter-popover";
import { Icon } from "./icons";
import { KeyCap } from "./key-cap";
import { filterChips, leadQuery, leadsHref } from "./lead-query";

type FilterBarProps = {
  filter: LeadFilter;
  counties: readonly string[];
  counts: LeadCounts;
  /** Shows the form in the page, for readers without JavaScript. */
  isFormOpen?: boolean;
};

/** Search, the filter as chips that can be taken off, the form to add more, and the tally. All of it lives in the URL. */
export function FilterBar({ filter, counties, counts, isFormOpen = false }: FilterBarProps) {
  const chips = filterChips(filter);
  const query = leadQuery(filter);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-gutter py-2.5 phone:flex-nowrap">
        <SearchForm filter={filter} />
        {chips.map(({ key, name, value, without }) => (
          <span
            key={key}
            className="inline-flex h-ctl items-center rounded-ctl border border-line bg-sunken whitespace-nowrap phone:hidden"
          >
            <span className="px-2">
              <span className="text-ink-3">{name}</span> <b className="font-emph">{value}</b>
            </span>
            <Link
              href={leadsHref(without)}
              prefetch={false}
              aria-label={`Remove filter ${name} ${value}`}
              className="grid h-full w-6 place-content-center border-l border-line text-ink-3 hover:bg-hover hover:text-ink"
            >
              <Icon name="close" className="size-3!" />
            </Link>
          </span>
        ))}
        <FilterPopover
          filter={filter}
          counties={counties}
          chosen={chips.length}
          openHref={`/leads${query === "" ? "?" : `${query}&`}filters=open`}
        />
        <Tally counts={counts} />
      </div>
      {isFormOpen ? (
        <div className="max-w-md border-t border-line px-gutter py-4">
          <FilterForm filter={filter} counties={counties} />
        </div>
      ) : null}
    </>
  );
}

function SearchForm({ filter }: { filter: LeadFilter }) {
  const kept = new URLSearchParams(leadQuery({ ...filter, q: undefined }));
  return (
    <search className="phone:min-w-0 phone:flex-1">
      <form action="/leads" method="get" className={`${fieldClass} w-[252px] phone:w-auto`}>
        <Icon name="find" />
        <label htmlFor="q" className="sr-only">
          Search name, cause number or offense
        </label>
        <input
          id="q"
          name="q"
          type="search"
          defaultValue={filter.q}
          placeholder="Name, cause no., offense"
          maxLength={200}
          className={inputClass}
        />
        <KeyCap of="/" />
        {[...kept].map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
      </form>
    </search>
  );
}

function Tally({ counts }: { counts: LeadCounts }) {
  const more = counts.capped ? "+" : "";
  const figure = (count: number) => (
    <b className="num font-strong text-ink">{`${count.toLocaleString("en-US")}${more}`}</b>
  );
  return (
    <p role="status" className="ml-auto flex gap-3 whitespace-nowrap text-ink-3 phone:hidden">
      <span>
        {figure(counts.total)} {counts.total === 1 && !counts.capped ? "lead" : "leads"}
      </span>
      <span className="narrow:hidden">{figure(counts.hot)} hot</span>
      <span className="narrow:hidden">{figure(counts.warm)} warm</span>
      <span className="narrow:hidden">{figure(counts.cool)} cool</span>
    </p>
  );
}
