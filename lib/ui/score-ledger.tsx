import type { ScoreReason } from "@/lib/contracts/leads";

/** Why the score is what it is: points, the fact behind them, and a bar of what each reason could give. */
export function ScoreLedger({ reasons }: { reasons: readonly ScoreReason[] }) {
  return (
    <>
      <ol className="ledger">
        {reasons.map(({ rule, label, detail, points, max }) => (
          <li key={rule}>
            <b>{points < 0 ? `−${-points}` : `+${points}`}</b>
            <span>
              {label}
              <small>{detail}</small>
            </span>
            <span className="bar" role="img" aria-label={`${points} of ${max} possible`}>
              <i style={{ width: `${max > 0 ? Math.min(100, Math.max(0, Math.round((points / max) * 100))) : 0}%` }} />
            </span>
          </li>
        ))}
      </ol>
      <p className="mt-2 text-12 text-ink-3 phone:text-13">
        Bars show points out of what each reason can give. Race, sex, photo, name and ZIP code never count.
      </p>
    </>
  );
}
