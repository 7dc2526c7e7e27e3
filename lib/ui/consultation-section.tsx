import Link from "next/link";
import type { ReactNode } from "react";
import type { ConsultationDto } from "@/lib/contracts/consultations";
import { ConsultationBook } from "./consultation-book";
import { ConsultationOutcome } from "./consultation-outcome";
import { aboutWords, ConflictLines, ConsultationMarks, JoinLink } from "./consultation-parts";
import { isOver } from "./consultation-words";
import { formatInstant } from "./format";
import { Section } from "./section";

type ConsultationSectionProps = {
  lead: { id: string; name: string };
  consultations: readonly ConsultationDto[];
  mayChange: boolean;
  timeZone: string;
  now: string;
};

/** The consultations of a lead, those to come first, and the way to agree on one. */
export function ConsultationSection({ lead, consultations, mayChange, timeZone, now }: ConsultationSectionProps) {
  const coming = consultations.filter((one) => !isOver(one, now));
  const past = consultations.filter((one) => isOver(one, now)).toReversed();
  const row = (consultation: ConsultationDto) => (
    <ConsultationRow key={consultation.id} consultation={consultation} timeZone={timeZone} now={now}>
      {mayChange && consultation.state !== "canceled" && isOver(consultation, now) ? (
        <ConsultationOutcome consultation={consultation} />
      ) : null}
    </ConsultationRow>
  );
  return (
    <Section
      id="consultations"
      title="Consultations"
      note={consultations.length > 0 ? `${coming.length} to come, ${past.length} past` : undefined}
      right={mayChange ? <ConsultationBook lead={lead} timeZone={timeZone} now={now} /> : undefined}
    >
      {consultations.length > 0 ? (
        <ul className="grid">
          {coming.map(row)}
          {past.map(row)}
        </ul>
      ) : (
        <p className="text-ink-2">None yet. What the person books in Acuity appears here by itself.</p>
      )}
    </Section>
  );
}

type ConsultationRowProps = { consultation: ConsultationDto; timeZone: string; now: string; children: ReactNode };

function ConsultationRow({ consultation, timeZone, now, children }: ConsultationRowProps) {
  const { id, startsAt } = consultation;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 border-b border-line py-2 last:border-b-0 phone:grid-cols-1">
      <div className="min-w-0">
        <Link
          href={`/consultations/${id}`}
          prefetch={false}
          className="inline-flex min-h-6 items-center font-emph phone:min-h-11"
        >
          <time dateTime={startsAt}>{formatInstant(startsAt, timeZone, now)}</time>
        </Link>
        <span className="block text-12 text-ink-3 phone:text-13">{aboutWords(consultation)}</span>
        <div className="mt-1 flex flex-wrap gap-x-3.5 gap-y-0.5 text-ink-2">
          <ConsultationMarks consultation={consultation} now={now} />
        </div>
        <ConflictLines consultation={consultation} timeZone={timeZone} />
      </div>
      <div className="flex flex-wrap items-start gap-2">
        <JoinLink consultation={consultation} timeZone={timeZone} now={now} />
        {children}
      </div>
    </li>
  );
}
