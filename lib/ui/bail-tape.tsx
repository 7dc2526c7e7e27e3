import type { CSSProperties } from "react";
import type { BailTape as Tape } from "@/lib/contracts/leads";
import { type TapeSegment, tapeSegments } from "./bail-changes";
import { bailWord, hasKind, stateOf } from "./charge-bail";
import { formatColumnMoment, formatMoney, ordinal } from "./format";
import { Icon } from "./icons";
import { readableOffense } from "./readable";
import { tableRoles } from "./table-roles";
import { BAIL_TYPE_WORDS } from "./words";

type BailTapeProps = { tape: Tape; timeZone: string; now: string };

/** How each charge's bail moved, observation by observation: a real table, whose lanes read as money over time. */
export function BailTape({ tape, timeZone, now }: BailTapeProps) {
  const { columns, rows } = tape;
  return (
    <section {...SCROLLABLE} aria-label="Bail movement tape" className="-mx-gutter overflow-x-auto px-gutter pb-0.5">
      <table className="tape" style={{ "--moments": columns.length } as CSSProperties} {...tableRoles.table}>
        <colgroup>
          <col className="o" />
          {columns.map(({ number }) => (
            <col key={number} />
          ))}
        </colgroup>
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th scope="col" {...tableRoles.head}>
              <span className="sr-only">Charge</span>
            </th>
            {columns.map(({ number, observedAt }, at) => (
              <th key={number} scope="col" {...tableRoles.head}>
                <time dateTime={observedAt}>{formatColumnMoment(observedAt, timeZone, now)}</time>
                <small>{headNote(number, at, columns.length)}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {withKeys(rows).map(({ key, offense, cells }) => (
            <tr key={key} {...tableRoles.row}>
              <th scope="row" title={offense} {...tableRoles.rowHead}>
                {readableOffense(offense)}
              </th>
              {tapeSegments(cells).map((segment) => (
                <td
                  key={segment.from}
                  colSpan={segment.span}
                  style={{ "--n": segment.span } as CSSProperties}
                  {...tableRoles.cell}
                >
                  <Segment segment={segment} isLate={columns[segment.from]?.sinceLastVisit ?? false} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th scope="row" {...tableRoles.rowHead}>
              Total of amounts
            </th>
            {columns.map(({ number }, at) => (
              <td key={number} {...tableRoles.cell}>
                <Total tape={tape} at={at} />
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

const headNote = (number: number, at: number, count: number): string =>
  at === 0 ? "first seen" : at === count - 1 ? `${ordinal(number)}, current` : ordinal(number);

/* A region that scrolls must be reachable by keyboard. */
const SCROLLABLE = { tabIndex: 0 };

/* A form may show the same offense twice, so the place on the form is part of the key. */
const withKeys = (rows: Tape["rows"]) => rows.map((row, place) => ({ ...row, key: `${place}-${row.offense}` }));

function Segment({ segment: { bail, before, span }, isLate }: { segment: TapeSegment; isLate: boolean }) {
  if (!bail) return <span className="seg absent">{before ? "no longer on the form" : "not on the form yet"}</span>;
  const state = stateOf(bail);
  const tone = { amount: "", zero: "", denied: "denied", not_set: "unset", blank: "void" }[state];
  const isChange = before !== undefined;
  const moved = moveOf(before ?? null, bail);
  return (
    <span className={`seg ${tone} ${isChange ? "chg" : ""} ${isChange && isLate ? "late" : ""}`}>
      {state === "denied" ? <Icon name="barred" /> : null}
      {state === "not_set" ? <Icon name="unset" /> : null}
      {moved ? <Icon name={moved} className={moved === "lowered" ? "text-good" : "text-danger"} /> : null}
      <b>{bailWord(bail)}</b>
      <small>
        {[
          hasKind(bail.bailType) ? BAIL_TYPE_WORDS[bail.bailType] : "",
          before === null ? "added" : "",
          moved && before && span > 1 ? `was ${bailWord(before)}` : "",
        ]
          .filter(Boolean)
          .join(", ")}
      </small>
      {isChange && isLate ? <span className="sr-only">, changed since your last visit</span> : null}
    </span>
  );
}

function moveOf(before: TapeSegment["bail"], bail: NonNullable<TapeSegment["bail"]>): "lowered" | "raised" | null {
  const [was, is] = [before?.bailCents ?? null, bail.bailCents];
  if (was === null || is === null || was === is || bail.bailType === "denied") return null;
  return is < was ? "lowered" : "raised";
}

function Total({ tape, at }: { tape: Tape; at: number }) {
  const cells = tape.rows.flatMap(({ cells }) => cells[at] ?? []);
  const states = cells.map(stateOf);
  const cents = cells.reduce((sum, cell) => sum + (stateOf(cell) === "denied" ? 0 : (cell.bailCents ?? 0)), 0);
  const hasAmount = states.some((state) => state === "amount" || state === "zero");
  const without = (["not_set", "denied", "blank"] as const).flatMap((state) => {
    const count = states.filter((other) => other === state).length;
    return count === 0 ? [] : [`${count} ${state === "not_set" ? "not set" : state}`];
  });
  return (
    <>
      {hasAmount ? formatMoney(cents) : "–"}{" "}
      {without.length > 0 ? (
        <small className="text-12 font-text text-ink-3">
          {hasAmount ? "+ " : ""}
          {without.join(", ")}
        </small>
      ) : null}
    </>
  );
}
