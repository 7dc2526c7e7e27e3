import Link from "next/link";
import type { ReactNode } from "react";
import type { AuditFilter } from "@/lib/contracts/audit";
import { AUDIT_GROUPS, auditGroupOf } from "@/lib/core/audit-group";
import { auditHref } from "./audit-query";
import { AUDIT_GROUP_WORDS, typeWords } from "./audit-words";
import { Button } from "./button";
import { fieldClass, inputClass } from "./field";

type Choice = { id: string; name: string };

export type AuditFilterFormProps = {
  filter: AuditFilter;
  /** Every type of event there is. */
  types: readonly string[];
  people: readonly Choice[];
  keys: readonly Choice[];
  /** What the house does by itself, by the names that events hold. */
  jobs: readonly string[];
};

/** The filter as one GET form: it is the address of the page, and needs no script. */
export function AuditFilterForm({ filter, types, people, keys, jobs }: AuditFilterFormProps) {
  const isFiltered = auditHref(filter) !== auditHref({});
  const isKnown = [...people, ...keys].some(({ id }) => id === filter.actor) || jobs.includes(filter.actor ?? "");
  return (
    <form
      action="/settings/audit"
      method="get"
      aria-label="Filter"
      className="flex flex-wrap items-end gap-x-3 gap-y-2 border-b border-line px-gutter py-3 phone:grid phone:grid-cols-2"
    >
      {filter.lead ? <input type="hidden" name="lead" value={filter.lead} /> : null}
      <Labelled id="group" label="About">
        <Select name="group" value={filter.group} all="Everything">
          {AUDIT_GROUPS.map((group) => (
            <option key={group} value={group}>
              {AUDIT_GROUP_WORDS[group]}
            </option>
          ))}
        </Select>
      </Labelled>
      <Labelled id="type" label="What">
        <Select name="type" value={filter.type} all="Anything">
          {AUDIT_GROUPS.filter((group) => !filter.group || group === filter.group).map((group) => (
            <optgroup key={group} label={AUDIT_GROUP_WORDS[group]}>
              {types
                .filter((type) => auditGroupOf(type) === group)
                .map((type) => (
                  <option key={type} value={type}>
                    {typeWords(type)}
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
      </Labelled>
      <Labelled id="actor" label="Who" className="phone:col-span-2">
        <Select name="actor" value={filter.actor} all="Anybody">
          {filter.actor && !isKnown ? <option value={filter.actor}>{filter.actor}</option> : null}
          <Choices label="People" choices={people} />
          <Choices label="API keys" choices={keys} />
          <Choices label="Arrestra itself" choices={jobs.map((name) => ({ id: name, name }))} />
        </Select>
      </Labelled>
      <DateField name="from" label="From" value={filter.from} />
      <DateField name="to" label="To, that day included" value={filter.to} />
      <div className="flex items-center gap-2 phone:col-span-2">
        <Button type="submit">Show</Button>
        {isFiltered ? (
          <Link href={auditHref({})} prefetch={false} className="inline-flex h-ctl items-center px-1 text-ink-2">
            Clear all
          </Link>
        ) : null}
      </div>
      {filter.lead ? (
        <p className="basis-full text-ink-2 phone:col-span-2">
          Of one lead only.{" "}
          <Link href={auditHref({ ...filter, lead: undefined })} prefetch={false}>
            Of all leads
          </Link>
        </p>
      ) : null}
    </form>
  );
}

type LabelledProps = { id: string; label: string; className?: string; children: ReactNode };

function Labelled({ id, label, className = "", children }: LabelledProps) {
  return (
    <div className={`text-12 text-ink-3 phone:min-w-0 phone:text-13 ${className}`}>
      <label htmlFor={id}>{label}</label>
      <span className={`${fieldClass} mt-1`}>{children}</span>
    </div>
  );
}

type SelectProps = { name: string; value: string | undefined; all: string; children: ReactNode };

/* An uncontrolled field keeps what was chosen on this page; the key gives it what the next address says. */
function Select({ name, value = "", all, children }: SelectProps) {
  return (
    <select
      key={value}
      id={name}
      name={name}
      defaultValue={value}
      className={`${inputClass} max-w-[220px] text-13 phone:max-w-none`}
    >
      <option value="">{all}</option>
      {children}
    </select>
  );
}

function Choices({ label, choices }: { label: string; choices: readonly Choice[] }) {
  if (choices.length === 0) return null;
  return (
    <optgroup label={label}>
      {choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}

function DateField({ name, label, value }: { name: string; label: string; value: string | undefined }) {
  return (
    <Labelled id={name} label={label}>
      <input key={value} id={name} type="date" name={name} defaultValue={value} className={`${inputClass} text-13`} />
    </Labelled>
  );
}
