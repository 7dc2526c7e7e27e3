import { AUDIT_ALARM_KINDS, AUDIT_ALARM_WORDS, type AuditAlarmKind } from "@/lib/core/audit-alarm";
import { countOf, formatMoment } from "./format";
import { Partial } from "./states";

type Alarm = { kind: AuditAlarmKind; slug: string; since: string; sequence: number | null };

/** When a runner is down every firm has an alarm: so many are named, the others counted. */
const NAMED = 5;

/** What is amiss with the audit trails, one line for each kind with the firms that have it. Nothing when all is well. */
export function AuditAlarms({ alarms, timeZone, now }: { alarms: readonly Alarm[]; timeZone: string; now: string }) {
  return AUDIT_ALARM_KINDS.map((kind) => {
    const own = alarms.filter((alarm) => alarm.kind === kind);
    const [oldest] = own.map(({ since }) => since).toSorted();
    if (!oldest) return null;
    const named = own.slice(0, NAMED).map(nameOf).join(", ");
    const more = own.length > NAMED ? ` and ${countOf(own.length - NAMED, "other firm")}` : "";
    return (
      <Partial key={kind} title={`Audit trail: ${AUDIT_ALARM_WORDS[kind]}.`} isError={kind === "broken"}>
        {`${named}${more}, since ${formatMoment(oldest, timeZone, now).replace(/^Today/, "today")}. The runbook audit-alarm says what to do.`}
      </Partial>
    );
  });
}

const nameOf = ({ slug, sequence }: Alarm): string =>
  sequence === null ? slug : `${slug} at no. ${sequence.toLocaleString("en-US")}`;
