import type { LeadDto } from "@/lib/contracts/leads";
import type { Band } from "@/lib/core/band";
import { type LeadStatus, STATUS_WORDS } from "@/lib/core/lead-status";
import { OFFENSE_CLASS_WORDS, type OffenseClass } from "@/lib/core/offense";
import { Icon } from "./icons";
import { BAND_WORDS, CONTACT_STATE_WORDS, STATUS_MARKS } from "./words";

const BARS: Record<Band, number> = { hot: 3, warm: 2, cool: 1 };

/** The score: three bars, the number and its word. Readable without colour. */
export function ScoreBadge({ score, band }: { score: number; band: Band }) {
  return (
    <span className={`band ${band}`}>
      <svg viewBox="0 0 13 12" aria-hidden="true">
        <rect x="0.5" y="8" width="3" height="3.5" rx=".6" />
        <rect className={BARS[band] > 1 ? undefined : "o"} x="5" y="4.5" width="3" height="7" rx=".6" />
        <rect className={BARS[band] > 2 ? undefined : "o"} x="9.5" y="0.5" width="3" height="11" rx=".6" />
      </svg>
      <b>{score}</b>
      <span className="w">{BAND_WORDS[band]}</span>
    </span>
  );
}

/** A status: glyph and word, never the glyph alone. */
export function StatusWord({ status }: { status: LeadStatus }) {
  const { icon, tone } = STATUS_MARKS[status];
  return (
    <span className={`st ${tone}`}>
      <Icon name={icon} />
      {STATUS_WORDS[status]}
    </span>
  );
}

/** The class of an offense, `F3`; felonies have the stronger border. Nothing when the form does not say it. */
export function ClassTag({ offenseClass }: { offenseClass: OffenseClass }) {
  if (offenseClass === "unknown") return null;
  return (
    <abbr className={offenseClass.startsWith("F") ? "cls f" : "cls"} title={OFFENSE_CLASS_WORDS[offenseClass]}>
      {offenseClass}
    </abbr>
  );
}

/** What is known of a lead's contacts, behind the closed lock: a working number is not permission. */
export function ContactWord({ contact }: { contact: LeadDto["contact"] }) {
  if (contact === "none") return <span className="text-ink-3">{CONTACT_STATE_WORDS.none}</span>;
  return (
    <span className="gate">
      <Icon name="lock" />
      <span className="sr-only">Outreach locked: </span>
      <span className="truncate">{CONTACT_STATE_WORDS[contact]}</span>
    </span>
  );
}
