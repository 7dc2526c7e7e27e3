import type { LeadDetail } from "@/lib/contracts/leads";
import { ageInYears, formatAgo, formatBetween, formatInstant, timesOf } from "./format";
import { Icon } from "./icons";
import { LeadActions } from "./lead-actions";
import { ScoreBadge, StatusWord } from "./marks";
import { readableName } from "./readable";

type LeadHeadProps = { lead: LeadDetail["lead"]; sourceLabel: string; now: string };

/** Who this is, how urgent, in which status; what can be done; and the facts of the arrest with their zone. */
export function LeadHead({ lead, sourceLabel, now }: LeadHeadProps) {
  const { dateOfBirth, timeZone } = lead;
  const name = readableName(lead.name);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-6 gap-y-1.5 px-gutter pt-[18px] pb-4 phone:grid-cols-1 phone:pt-3.5">
      <div>
        <h1 title={lead.name} className="text-26 font-head tracking-[-0.022em] phone:text-[22px] phone:leading-7">
          {name}{" "}
          {dateOfBirth ? (
            <small className="ml-1.5 text-16 font-text tracking-normal text-ink-3">
              <span className="sr-only">age </span>
              {ageInYears(dateOfBirth, now, timeZone)}
            </small>
          ) : null}
        </h1>
        <div className="mt-1.5 flex flex-wrap items-center gap-x-[18px] gap-y-1 text-ink-2 [&_.band_b]:text-14">
          <ScoreBadge score={lead.score} band={lead.band} />
          <StatusWord status={lead.status} />
          <span className="gate">
            <Icon name="lock" />
            Outreach locked
          </span>
          {lead.withdrawnAt ? (
            <span className="gate">
              <Icon name="barred" />
              Form withdrawn {formatAgo(lead.withdrawnAt, now)}
            </span>
          ) : null}
        </div>
      </div>
      <LeadActions lead={{ id: lead.id, name, status: lead.status, version: lead.version }} />
      <Facts lead={lead} sourceLabel={sourceLabel} now={now} />
    </div>
  );
}

function Facts({ lead, sourceLabel, now }: LeadHeadProps) {
  const { arrestedAt, magistratedAt, firstSeenAt, timeZone, custodyStatus, sourceUrl } = lead;
  const at = (iso: string) => formatInstant(iso, timeZone, now);
  const afterArrest = (iso: string) =>
    arrestedAt && iso > arrestedAt ? `${formatBetween(arrestedAt, iso)} after arrest` : undefined;
  return (
    <dl className="facts col-span-full mt-2 border-t border-line pt-3">
      <Fact
        name="Arrested"
        value={arrestedAt ? at(arrestedAt) : "Not on the form"}
        note={arrestedAt ? formatAgo(arrestedAt, now) : undefined}
      />
      <Fact
        name="Magistrated"
        value={magistratedAt ? at(magistratedAt) : "Not on the form"}
        note={
          [magistratedAt ? afterArrest(magistratedAt) : undefined, lead.magistrate].filter(Boolean).join(", ") ||
          undefined
        }
      />
      <Fact
        name="First visible"
        value={at(firstSeenAt)}
        note={afterArrest(firstSeenAt) ?? formatAgo(firstSeenAt, now)}
      />
      <Fact
        name="Custody"
        value={custodyStatus ?? "Not confirmed"}
        note={custodyStatus ? "As the form says" : "The bail form does not say"}
      />
      <Fact
        name="County and source"
        value={lead.county}
        note={
          <>
            {sourceLabel}{" "}
            {sourceUrl ? (
              <a href={sourceUrl} target="_blank" rel="noreferrer noopener" className="ref">
                {lead.sourceId}
              </a>
            ) : (
              <span className="ref">{lead.sourceId}</span>
            )}
            , seen {timesOf(lead.seenCount)}
          </>
        }
      />
    </dl>
  );
}

function Fact({ name, value, note }: { name: string; value: string; note?: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {note ? <small>{note}</small> : null}
      </dd>
    </div>
  );
}
