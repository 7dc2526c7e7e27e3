import type { LeadFilter } from "@/lib/contracts/leads";
import { BANDS } from "@/lib/core/band";
import { LEAD_STATUSES, STATUS_WORDS } from "@/lib/core/lead-status";
import { Button } from "./button";
import { fieldClass, inputClass } from "./field";
import { BAND_WORDS } from "./words";

type FilterFormProps = {
  filter: LeadFilter;
  /** Counties to offer: those the firm has leads in. */
  counties: readonly string[];
};

/** All filters as one GET form: it works in the popover and, without JavaScript, as part of the page. */
export function FilterForm({ filter, counties }: FilterFormProps) {
  return (
    <form action="/leads" method="get" className="grid gap-4" aria-label="Filters">
      {filter.q ? <input type="hidden" name="q" value={filter.q} /> : null}
      {filter.sort !== "score" ? <input type="hidden" name="sort" value={filter.sort} /> : null}
      {filter.dir !== "desc" ? <input type="hidden" name="dir" value={filter.dir} /> : null}
      <Group legend="Status" columns="grid-cols-2">
        {LEAD_STATUSES.map((status) => (
          <Choice
            key={status}
            name="status"
            value={status}
            label={STATUS_WORDS[status]}
            isChosen={filter.status.includes(status)}
          />
        ))}
      </Group>
      <Group legend="Band" columns="grid-cols-3">
        {BANDS.map((band) => (
          <Choice key={band} name="band" value={band} label={BAND_WORDS[band]} isChosen={filter.band.includes(band)} />
        ))}
      </Group>
      {counties.length > 0 ? (
        <Group legend="County" columns="grid-cols-2 max-h-40 overflow-y-auto">
          {counties.map((county) => (
            <Choice
              key={county}
              name="county"
              value={county}
              label={county}
              isChosen={(filter.county as readonly string[]).includes(county)}
            />
          ))}
        </Group>
      ) : null}
      <Group legend="Date" columns="grid-cols-2">
        <Choice
          type="radio"
          name="dateField"
          value="firstSeen"
          label="First seen"
          isChosen={filter.dateField === "firstSeen"}
        />
        <Choice
          type="radio"
          name="dateField"
          value="arrested"
          label="Arrested"
          isChosen={filter.dateField === "arrested"}
        />
        <DateField name="from" label="From" value={filter.from} />
        <DateField name="to" label="To, that day included" value={filter.to} />
      </Group>
      <Choice
        name="newSinceMyLastVisit"
        value="true"
        label="New since my last visit"
        isChosen={filter.newSinceMyLastVisit}
      />
      <div className="flex gap-2">
        <Button type="submit" kind="primary">
          Show leads
        </Button>
        <a href="/leads" className="inline-flex h-ctl items-center px-2 text-ink-2">
          Clear all
        </a>
      </div>
    </form>
  );
}

function Group({ legend, columns, children }: { legend: string; columns: string; children: React.ReactNode }) {
  return (
    <fieldset className="m-0 border-0 p-0">
      <legend className="mb-1 text-12 font-emph text-ink-3">{legend}</legend>
      <div className={`grid gap-x-4 gap-y-0.5 ${columns}`}>{children}</div>
    </fieldset>
  );
}

type ChoiceProps = { type?: "checkbox" | "radio"; name: string; value: string; label: string; isChosen: boolean };

function Choice({ type = "checkbox", name, value, label, isChosen }: ChoiceProps) {
  return (
    <label className="flex min-h-6 items-center gap-2 phone:min-h-11">
      <input type={type} name={name} value={value} defaultChecked={isChosen} className="ck" />
      {label}
    </label>
  );
}

function DateField({ name, label, value }: { name: string; label: string; value: string | undefined }) {
  return (
    <label className="mt-1.5 block text-12 text-ink-3">
      {label}
      <span className={`${fieldClass} mt-1`}>
        <input type="date" name={name} defaultValue={value?.slice(0, 10)} className={`${inputClass} text-13`} />
      </span>
    </label>
  );
}
