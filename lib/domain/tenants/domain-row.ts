import type { DomainDto, DomainProblem } from "@/lib/contracts/domains";
import { PROOF_LABEL } from "@/lib/core/host";

/** A row of `domain`. */
export type DomainRow = {
  id: string;
  host: string;
  token: string;
  verifiedAt: Date | null;
  checkedAt: Date | null;
  problem: string | null;
  failingSince: Date | null;
  createdAt: Date;
};

/**
 * How long the record of a verified domain may be surely gone before the firm stops answering there. Long enough for a mistake at the registrar to be
 * seen and mended; short enough that a host which was sold does not stay ours.
 */
export const GONE_AFTER_MS = 14 * 86_400_000;

/** The TXT record that proves a domain: its name and its value. */
export const proofOf = ({ host, token }: Pick<DomainRow, "host" | "token">): { name: string; value: string } => ({
  name: `${PROOF_LABEL}.${host}`,
  value: `arrestra-verification=${token}`,
});

/** A domain as its firm sees it. */
export function toDomainDto(row: DomainRow): DomainDto {
  const endsAt = row.verifiedAt && row.failingSince ? new Date(row.failingSince.getTime() + GONE_AFTER_MS) : null;
  return {
    id: row.id,
    host: row.host,
    state: row.verifiedAt ? "verified" : "waiting",
    record: proofOf(row),
    checkedAt: row.checkedAt?.toISOString() ?? null,
    verifiedAt: row.verifiedAt?.toISOString() ?? null,
    problem: row.problem as DomainProblem | null,
    endsAt: endsAt?.toISOString() ?? null,
  };
}
