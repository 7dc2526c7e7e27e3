import type { ChargeDto } from "@/lib/contracts/leads";
import { bailKind, bailWord, stateOf } from "./charge-bail";
import { countOf, formatMoney } from "./format";
import { Icon } from "./icons";
import { ClassTag } from "./marks";
import { readableOffense } from "./readable";
import { TableHead } from "./table-head";
import { tableRoles } from "./table-roles";

/** Every offense of the form with its own cause number, kind and amount of bail. The total says that it is a sum. */
export function ChargesTable({ charges }: { charges: readonly ChargeDto[] }) {
  if (charges.length === 0) return <p className="text-ink-2">The form shows no charges.</p>;
  const amounts = charges.flatMap((charge) =>
    charge.bailCents === null || charge.bailType === "denied" ? [] : [charge.bailCents],
  );
  return (
    <table className="tb stack charges" {...tableRoles.table}>
      <TableHead columns={["Offense", "Cause number", "Bail type", { head: "Bail", className: "r" }]} />
      <tbody {...tableRoles.group}>
        {charges.map((charge) => (
          <tr key={charge.ordinal} {...tableRoles.row}>
            <td {...tableRoles.cell}>
              <span className="of">
                <ClassTag offenseClass={charge.class} />
                <span title={charge.offense}>{readableOffense(charge.offense)}</span>
              </span>
            </td>
            <td className={`ref ${charge.causeNumber ? "" : "text-ink-3"}`} {...tableRoles.cell}>
              {charge.causeNumber ?? "Blank on form"}
            </td>
            <td {...tableRoles.cell}>{bailKind(charge)}</td>
            <td className="r" {...tableRoles.cell}>
              <ChargeBail charge={charge} />
            </td>
          </tr>
        ))}
      </tbody>
      {amounts.length > 0 ? (
        <tfoot {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <td colSpan={3} {...tableRoles.cell}>
              Total <small className="text-12 font-text text-ink-3">{totalNote(amounts.length, charges.length)}</small>
            </td>
            <td className="r" {...tableRoles.cell}>
              {formatMoney(amounts.reduce((sum, cents) => sum + cents, 0))}
            </td>
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

function totalNote(bonds: number, charges: number): string {
  if (bonds > 1) return `a sum of ${NUMBERS[bonds] ?? bonds} bonds, not one bond`;
  return bonds < charges ? `one of ${countOf(charges, "charge")} shows an amount` : "one bond";
}

function ChargeBail({ charge }: { charge: ChargeDto }) {
  const state = stateOf(charge);
  const tone = { amount: "", zero: "", denied: "denied", not_set: "unset", blank: "void" }[state];
  return (
    <span className={`bail ${tone}`}>
      {state === "denied" ? <Icon name="barred" /> : null}
      {state === "not_set" ? <Icon name="unset" /> : null}
      <span className="v">{bailWord(charge)}</span>
    </span>
  );
}
