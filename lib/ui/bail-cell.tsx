import type { LeadDto } from "@/lib/contracts/leads";
import { formatMoney } from "./format";
import { Icon } from "./icons";
import { BAIL_TYPE_WORDS } from "./words";

type Bail = LeadDto["bail"];

/** The small words before the amount: how many bonds it sums, or which kind it is. */
function contextOf(bail: Bail, chargeCount: number): string {
  if (bail.bonds > 0 && bail.bonds < chargeCount) return `${bail.bonds} of ${chargeCount}`;
  if (bail.bonds > 1) return `${bail.bonds} bonds`;
  return bail.type && bail.type !== "blank" ? BAIL_TYPE_WORDS[bail.type] : "";
}

/** How many of several counts are denied or not set: `1 of 2`, `2 counts`. */
const shareOf = (part: number, whole: number): string =>
  whole <= 1 ? "" : part === whole ? `${whole} counts` : `${part} of ${whole}`;

/** A lead's bail in one line. Denied and not set are words with their own ring, a blank is a word, and $0 keeps its type. */
export function BailCell({
  bail,
  chargeCount,
  withdrawn = false,
}: {
  bail: Bail;
  chargeCount: number;
  withdrawn?: boolean;
}) {
  if (bail.deniedCount > 0) {
    const small = bail.totalCents ? `+ ${formatMoney(bail.totalCents)}` : shareOf(bail.deniedCount, chargeCount);
    return <Marked tone="denied" small={small} icon="barred" word="Denied" />;
  }
  if (bail.notSetCount > 0) {
    return <Marked tone="unset" small={shareOf(bail.notSetCount, chargeCount)} icon="unset" word="Not set" />;
  }
  if (bail.totalCents === null) {
    return (
      <span className="bail void">
        <span className="v">{chargeCount === 0 ? "No charges on form" : "Blank on form"}</span>
      </span>
    );
  }
  const moved = bail.previousTotalCents !== null && bail.previousTotalCents !== bail.totalCents;
  const raised = moved && bail.totalCents > (bail.previousTotalCents ?? 0);
  const small = withdrawn ? "withdrawn" : contextOf(bail, chargeCount);
  return (
    <span className="bail">
      {moved && bail.bonds <= 1 && !withdrawn ? (
        <s>
          <span className="sr-only">was </span>
          {formatMoney(bail.previousTotalCents ?? 0)}
        </s>
      ) : small ? (
        <span className="c">{small}</span>
      ) : null}
      {moved ? (
        <>
          <Icon name={raised ? "raised" : "lowered"} className={raised ? "up" : "dn"} />
          <span className="sr-only">{raised ? "raised to " : "lowered to "}</span>
        </>
      ) : null}
      <span className="v">{formatMoney(bail.totalCents)}</span>
    </span>
  );
}

function Marked({ tone, small, icon, word }: { tone: string; small: string; icon: "barred" | "unset"; word: string }) {
  return (
    <span className={`bail ${tone}`}>
      {small ? <span className="c">{small}</span> : null}
      <Icon name={icon} />
      <span className="v">{word}</span>
    </span>
  );
}
