import { parsePersonName } from "@/lib/core/person-name";
import { sha256 } from "@/lib/core/secret";
import type { MeetingPlan } from "@/lib/integrations/zoom";
import type { ConsultationRow } from "../../bookings/consultation-row";

const REFERENCE = /\bConsultation ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/;

/** What a meeting says: who, when, and our reference. Never what somebody is charged with. */
export function planOf(
  row: Pick<ConsultationRow, "id" | "startsAt" | "endsAt" | "timeZone">,
  leadName: string,
): MeetingPlan {
  const { last, first } = parsePersonName(leadName);
  const who = [last, first && `${[...first][0]}.`].filter(Boolean).join(", ");
  return {
    topic: `Consultation${who ? `: ${who}` : ""}`.slice(0, 200),
    agenda: `Consultation ${row.id}`,
    startsAt: row.startsAt,
    minutes: Math.max(1, Math.round((row.endsAt.getTime() - row.startsAt.getTime()) / 60_000)),
    timeZone: row.timeZone,
  };
}

/** The consultation that a meeting was made for, by its agenda; null for a meeting that we did not make. */
export const referenceIn = (agenda: string): string | null => REFERENCE.exec(agenda)?.[1] ?? null;

/** Digest of what was last written, so that nothing is written twice. */
export const hashOf = ({ topic, agenda, startsAt, minutes, timeZone }: MeetingPlan): string =>
  sha256(JSON.stringify([topic, agenda, startsAt.toISOString(), minutes, timeZone]));
