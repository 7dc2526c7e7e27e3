"use client";
import { useId, useState } from "react";
import { COUNTIES, type County } from "@/lib/core/county";
import { fieldClass, inputClass } from "./field";
import { countOf } from "./format";
import { Icon } from "./icons";

type CountyPickerProps = { chosen: readonly County[]; onChange: (chosen: County[]) => void };

/** Some of the 254 counties: what is chosen stands above, a search narrows the list, Enter takes its first county. */
export function CountyPicker({ chosen, onChange }: CountyPickerProps) {
  const id = useId();
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const begins = (county: County) => county.toLowerCase().startsWith(words);
  const matching = COUNTIES.filter((county) => county.toLowerCase().includes(words));
  const found = [...matching.filter(begins), ...matching.filter((county) => !begins(county))];
  const toggle = (county: County) =>
    onChange(COUNTIES.filter((each) => (each === county ? !chosen.includes(each) : chosen.includes(each))));
  const takeFirst = () => {
    const [first] = found.filter((county) => !chosen.includes(county));
    if (first && words !== "") toggle(first);
    setSearch("");
  };
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className="mb-1.5 font-emph">
        Counties <span className="font-text text-ink-3">{chosen.length === 0 ? "all" : `${chosen.length} of 254`}</span>
      </legend>
      {chosen.length > 0 ? (
        <ul className="mb-2 flex flex-wrap gap-1.5">
          {chosen.map((county) => (
            <li key={county}>
              <button
                type="button"
                className="inline-flex h-6 items-center gap-1 rounded-tag border border-line bg-fill px-2 hover:bg-hover phone:h-11 phone:px-3"
                aria-label={`Take ${county} off`}
                onClick={() => toggle(county)}
              >
                {county}
                <Icon name="close" className="size-3!" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <div className={fieldClass}>
        <Icon name="find" />
        <input
          id={`${id}-search`}
          type="search"
          value={search}
          className={inputClass}
          placeholder="Find a county"
          aria-label="Find a county"
          aria-describedby={`${id}-found`}
          autoComplete="off"
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            takeFirst();
          }}
        />
      </div>
      <p id={`${id}-found`} role="status" className="sr-only">
        {words === "" ? "" : `${countOf(found.length, "county", "counties")} found. Enter takes the first.`}
      </p>
      <div className="mt-1.5 grid h-[150px] auto-rows-min grid-cols-2 gap-x-4 overflow-y-auto rounded-ctl border border-line px-2 py-1 phone:h-[180px]">
        {found.map((county) => (
          <label key={county} className="flex min-h-6 items-center gap-2 phone:min-h-11">
            <input type="checkbox" checked={chosen.includes(county)} onChange={() => toggle(county)} className="ck" />
            {county}
          </label>
        ))}
        {found.length === 0 ? (
          <p className="col-span-2 py-1 text-ink-2">No county of Texas is called “{search.trim()}”.</p>
        ) : null}
      </div>
    </fieldset>
  );
}
