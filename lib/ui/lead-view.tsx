import type { ReactNode } from "react";
import type { LeadDetail } from "@/lib/contracts/leads";
import { bailChanges } from "./bail-changes";
import { BailTape } from "./bail-tape";
import { ChangeList } from "./change-list";
import { ChargesTable } from "./charges-table";
import type { BasisWords } from "./contact-form";
import { ContactPanel } from "./contact-panel";
import { countOf } from "./format";
import { LeadCrumb } from "./lead-crumb";
import { LeadHead } from "./lead-head";
import { NowPanel } from "./now-panel";
import { ScoreLedger } from "./score-ledger";
import { Section } from "./section";
import { Timeline } from "./timeline";

type LeadViewProps = {
  detail: LeadDetail;
  /** What the source is called: `TOPICs form`. */
  sourceLabel: string;
  bases: BasisWords;
  /** Score from which the firm calls a lead hot. */
  hotFrom?: number;
  listHref: string;
  /** The lead's consultations, where the page has read them. */
  consultations?: ReactNode;
  /** What the firm keeps with the lead, where the page has read it. */
  files?: ReactNode;
  now: string;
};

/** The lead's page. */
export function LeadView({ detail, sourceLabel, bases, hotFrom, listHref, consultations, files, now }: LeadViewProps) {
  const { lead, charges, contacts, events, tape } = detail;
  const { timeZone } = lead;
  const changes = bailChanges(tape);
  return (
    <>
      <LeadCrumb key={lead.id} leadId={lead.id} listHref={listHref} />
      <LeadHead lead={lead} sourceLabel={sourceLabel} now={now} />
      <Jump />
      <div className="grid flex-1 grid-cols-[minmax(0,1fr)_356px] border-t border-line narrow:grid-cols-[minmax(0,1fr)_312px] phone:block phone:border-t-0">
        <div>
          <NowPanel />
          {consultations}
          <Section id="charges" title="Charges" note={charges.length}>
            <ChargesTable charges={charges} />
            {lead.labels.length > 0 ? (
              <p className="mt-1.5 text-12 text-ink-3 phone:text-13">Also on the form: {lead.labels.join("; ")}</p>
            ) : null}
          </Section>
          <Section
            id="bail"
            title="Bail movement"
            note={changes.length > 0 ? `${countOf(changes.length, "change")} in ${spanOf(tape)}` : undefined}
            right={changes.length > 0 ? <span className="phone:hidden">Blue: since your last visit</span> : undefined}
          >
            {changes.length > 0 ? (
              <>
                <BailTape tape={tape} timeZone={timeZone} now={now} />
                <ChangeList changes={changes} timeZone={timeZone} now={now} />
              </>
            ) : (
              <p className="text-ink-2">
                {lead.seenCount > 1
                  ? `The form was seen ${lead.seenCount} times with the same bail.`
                  : "The form was seen once so far."}
              </p>
            )}
          </Section>
          <ContactPanel leadId={lead.id} contacts={contacts} bases={bases} timeZone={timeZone} now={now} />
          {files}
          <Section id="timeline" title="Timeline" right="Everything, newest first">
            <Timeline events={events} timeZone={timeZone} now={now} />
          </Section>
        </div>
        <aside aria-label="Score" className="border-l border-line phone:border-t phone:border-l-0">
          <Section
            id="score"
            title={`Why the score is ${lead.score}`}
            right={hotFrom === undefined ? undefined : `Hot from ${hotFrom}`}
          >
            <ScoreLedger reasons={lead.scoreReasons} />
          </Section>
        </aside>
      </div>
    </>
  );
}

const spanOf = ({ columns }: LeadDetail["tape"]): string => {
  const [first, last] = [columns[0], columns.at(-1)];
  if (!first || !last) return "";
  const hours = Math.round((Date.parse(last.observedAt) - Date.parse(first.observedAt)) / 3_600_000);
  return hours < 48 ? countOf(hours, "hour") : `${Math.round(hours / 24)} days`;
};

const PLACES = [
  ["now", "Now"],
  ["consultations", "Consultations"],
  ["charges", "Charges"],
  ["bail", "Bail"],
  ["contacts", "Contacts"],
  ["files", "Files"],
  ["timeline", "Timeline"],
  ["score", "Score"],
] as const;

/** The parts of the page, on a phone, where they are far apart. */
function Jump() {
  return (
    <nav
      aria-label="On this page"
      className="sticky top-[52px] z-4 hidden overflow-x-auto border-y border-line bg-canvas px-[calc(var(--gutter)-8px)] [scrollbar-width:none] phone:flex"
    >
      {PLACES.map(([id, name]) => (
        <a key={id} href={`#${id}`} className="px-2 py-[11px] text-14 whitespace-nowrap text-ink-2">
          {name}
        </a>
      ))}
    </nav>
  );
}
