import { readFileSync } from "node:fs";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { type AuditHead, isSignedByUs } from "@/lib/domain/events/audit-head";
import { parseHead } from "@/lib/domain/events/audit-heads";
import { CHAIN_PROBLEMS, type ChainReport } from "@/lib/domain/events/verify-chain";
import { verifyFirm } from "@/lib/domain/events/verify-firm";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { auditHeadsOf } from "@/lib/platform/file-store";
import { withClient } from "../bootstrap-database";
import { allFirms } from "../firm/all-firms";

type Asked = { slug: string | undefined; headFile: string | undefined };
type Firm = { id: string; slug: string };

/** An event is sealed within seconds; one that waits longer is worth a word. */
const UNSEALED_MS = 60_000;

const operator = provenOperator(newId(), systemClock);
const figure = (count: number): string => count.toLocaleString("en-US");

/** Verifies the firms that are asked for, all by default, and says of each how it stands. False when a chain is broken. */
export async function verifyFirms({ slug, headFile }: Asked, say: (line: string) => void): Promise<boolean> {
  const head = headFile === undefined ? undefined : readHead(headFile);
  const firms = await findFirms(slug, head);
  const width = Math.max(...firms.map((firm) => firm.slug.length), 8);
  let isWhole = true;
  for (const firm of firms) {
    const report = await verifyFirm(operatorCtx(operator, firm.id), {
      isFull: true,
      ...(head ? { head: isSignedByUs(head) ? head : { sequence: head.sequence, isForged: true as const } } : {}),
      onProgress: (sealed) => showProgress(firm, sealed),
    });
    say(`  ${firm.slug.padEnd(width)}  ${wordsFor(report)}`);
    isWhole &&= report.intact;
  }
  if (slug !== undefined || head) return isWhole;
  const vanished = await listVanished(new Set(firms.map(({ id }) => id)));
  for (const id of vanished) say(`  ${id}  BROKEN: heads of this firm are kept, but it is gone without a certificate.`);
  if (firms.length === 0 && vanished.length === 0) say("  There is no firm yet.");
  return isWhole && vanished.length === 0;
}

/* How a chain stands, in a line. */
function wordsFor(report: ChainReport): string {
  if (report.intact) {
    const heads =
      report.heads > 0
        ? `goes through ${figure(report.heads)} signed head${report.heads === 1 ? "" : "s"}, the newest at no. ${figure(report.agreedUpTo)}`
        : "no signed head is kept yet";
    const isLate = report.unsealedSince && Date.now() - report.unsealedSince.getTime() > UNSEALED_MS;
    const waiting = isLate ? `; events wait for their seal since ${report.unsealedSince?.toISOString()}` : "";
    return `intact  ${figure(report.sealed)} events; ${heads}${waiting}`;
  }
  const event = report.eventId ? `, event ${report.eventId}` : "";
  const agreed = report.agreedUpTo > 0 ? ` The last signed head before it is no. ${figure(report.agreedUpTo)}.` : "";
  return `BROKEN  at no. ${figure(report.sequence)}${event}: ${CHAIN_PROBLEMS[report.problem]}${agreed}`;
}

function readHead(file: string): AuditHead {
  const head = parseHead(readFileSync(file));
  if (!head) throw new Error(`${file} is no signed head.`);
  return head;
}

async function findFirms(slug: string | undefined, head: AuditHead | undefined): Promise<Firm[]> {
  if (slug !== undefined) {
    const firm = await getFirmInAnyState(operator, slug);
    if (head && head.tenantId !== firm.id) throw new Error("This head belongs to another firm.");
    return [firm];
  }
  const firms = await allFirms();
  if (!head) return firms;
  const own = firms.filter(({ id }) => id === head.tenantId);
  if (own.length === 0) throw new Error("The firm of this head is not here.");
  return own;
}

/** Firms of which heads are kept and nothing else: a firm that was erased has left a certificate. */
async function listVanished(here: ReadonlySet<string>): Promise<string[]> {
  const known = (await auditHeadsOf().list("heads/")).map((key) => key.slice("heads/".length));
  const gone = known.filter((id) => !here.has(id));
  if (gone.length === 0) return [];
  const certified = await withClient(process.env.APP_DATABASE_URL ?? "", async (client) => {
    await client.query("BEGIN");
    await client.query("SET LOCAL ROLE arrestra_platform");
    const { rows } = await client.query<{ id: string }>("SELECT firm_id AS id FROM erasure_certificate");
    return new Set(rows.map(({ id }) => id));
  });
  return gone.filter((id) => !certified.has(id));
}

function showProgress({ slug }: Firm, sealed: number): void {
  if (process.stdout.isTTY && sealed > 0) process.stdout.write(`\r  ${slug} … ${figure(sealed)}\r`);
}
