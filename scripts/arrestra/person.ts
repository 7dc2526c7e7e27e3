import { hostname, userInfo } from "node:os";
import { systemClock } from "@/lib/core/clock";
import { ERASURE_REASONS, type ErasureReason } from "@/lib/core/erasure";
import { isId, newId } from "@/lib/core/ids";
import { fold } from "@/lib/core/text";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { withClient } from "../bootstrap-database";
import { allFirms } from "../firm/all-firms";
import { mayUseOwnFolders } from "../firm/environment";
import { alikeLeads } from "../person/alike-leads";
import { wordsOf } from "../person/certificate";
import { bind, type Firm } from "../person/erase-person";
import { eraseEverywhere, eraseWithAlike } from "../person/every-firm";
import { findPerson } from "../person/find-person";
import { replayErasures } from "../person/replay-erasures";
import { readTrace } from "../person/trace";
import { BadUsage, CALLED, flag, read, readMany, type Say, text } from "./command";

export async function findLeads(args: string[], say: Say): Promise<number> {
  const options = { name: text, cause: text, "source-id": text, "all-firms": flag };
  const { values, words } = readMany(args, options, { from: 0, to: 1 });
  const asked = { name: given(values.name), cause: given(values.cause), sourceId: given(values["source-id"]) };
  if (!asked.name && !asked.cause && !asked.sourceId) throw new BadUsage("--name, --cause or --source-id is missing.");
  const firms = values["all-firms"] === true ? await allFirms() : [await firmOf(words[0])];
  let count = 0;
  let hidden = 0;
  for (const firm of firms) {
    const { found, more } = await withClient(ownerUrl(), async (client) => {
      await bind(client, firm);
      return findPerson(client, firm.id, asked);
    });
    for (const { id, county, arrested, source, firstSeen } of found)
      say(`${firm.slug}  ${id}  ${county}  arrested ${arrested ?? "unknown"}  from ${source}  since ${firstSeen}`);
    if (more > 0) say(`${firm.slug}: ${more} MORE match and are not shown. Say more: a first name too, or the cause.`);
    count += found.length;
    hidden += more;
  }
  say(
    count === 0
      ? "No lead matches. A name is looked for as the source printed it; try the last name alone."
      : `${leadsOf(count)}${hidden > 0 ? ` of ${count + hidden}` : ""}. Make sure of each: a name is not a person. Next: ${CALLED} help person erase`,
  );
  return 0;
}

export async function erase(args: string[], say: Say): Promise<number> {
  const options = { because: text, order: text, "all-firms": flag, yes: flag, json: flag };
  const { values, words } = readMany(args, options, { from: 2, to: 50 });
  const [slug, ...leadIds] = words;
  if (!leadIds.every(isId)) throw new BadUsage(`A lead's id is meant, as ${CALLED} person find prints it.`);
  const because = ERASURE_REASONS.find((reason) => reason === values.because);
  if (!because) throw new BadUsage(`--because is one of ${ERASURE_REASONS.join(", ")}.`);
  const order = orderOf(given(values.order), because);
  assertPlacesAreTold();
  const firm = await firmOf(slug);
  const firms = values["all-firms"] === true ? await allFirms() : null;
  await assertNamesNobody(firm, leadIds, order);
  if (values.yes !== true) {
    const alike = await withClient(ownerUrl(), async (client) => {
      await bind(client, firm);
      return alikeLeads(client, firm.id, leadIds);
    });
    const along = alike.length > 0 ? `, and ${alike.length} that ${alike.length === 1 ? "says" : "say"} the same` : "";
    const others = firms ? `, and the same records at ${firms.length - 1} other firms` : "";
    say(`Nothing was erased. ${leadsOf(leadIds.length)} of ${firm.slug}${along}${others} would go`);
    say("for good, with everything that hangs on them; nothing brings them back. To do it, the same with --yes");
    for (const { id, source, arrested } of alike)
      say(`the same: ${firm.slug}  ${id}  arrested ${arrested ?? "unknown"}  from ${source}`);
    return 1;
  }
  const erasure = { ownerUrl: ownerUrl(), firm, because, order, by: `${whoRuns()}@${hostname()}` };
  // An erasure that waits is met again with each lead.
  const finished = new Map<string, boolean>();
  for (const leadId of leadIds) {
    const done = firms ? await eraseEverywhere(erasure, leadId, firms) : await eraseWithAlike(erasure, leadId);
    for (const { certificate, isNew } of done) {
      const isFinished = certificate.finishedAt !== null;
      if (finished.get(certificate.erasureId) === isFinished) continue;
      finished.set(certificate.erasureId, isFinished);
      if (!isNew && certificate.leadId !== null)
        say(`${certificate.firm.slug}: lead ${certificate.leadId} was erased already.`);
      if (values.json === true) say(JSON.stringify(certificate, null, 2));
      else for (const line of wordsOf(certificate)) say(line);
    }
    if (firms && done.some(({ certificate, isNew }) => certificate.leadId === leadId && !isNew))
      say(
        `${firm.slug} shows no such lead any more, so no other firm was looked through for it this time. If the first run was without --all-firms, find it: person find --all-firms`,
      );
  }
  const unfinished = [...finished.values()].filter((isFinished) => !isFinished).length;
  if (unfinished > 0)
    say("NOT FINISHED: a file is being read or may still be uploaded. The same command in 20 minutes goes on.");
  else
    say(
      `Done. Kept in person_erasure and beside the evidence files, under erasures/. ${CALLED} person erase ... --json gives it again.`,
    );
  return unfinished === 0 ? 0 : 1;
}

export async function replay(args: string[], say: Say): Promise<number> {
  const { values } = read(args, { "keep-again": flag });
  assertPlacesAreTold();
  const by = `${whoRuns()}@${hostname()}`;
  const isKeptAgain = values["keep-again"] === true;
  const done = await replayErasures(ownerUrl(), by, systemClock, { isKeptAgain });
  const { certificates, tombstones, leads, keptAgain, unfinished, problems } = done;
  say(
    `${certificates} certificates: ${tombstones} tombstones were missing, ${leads} leads were there again and are erased.`,
  );
  if (isKeptAgain) say(`${keptAgain.length} certificates were not outside the database and are kept there again.`);
  for (const { firm, leadId } of keptAgain)
    if (leadId !== null) say(`${firm.slug}: a copy may have brought back evidence/${firm.id}/${leadId}/`);
  if (unfinished > 0) say(`${unfinished} are not finished. The same command in 20 minutes goes on.`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return unfinished === 0 ? 0 : 1;
}

const leadsOf = (count: number): string => `${count} ${count === 1 ? "lead" : "leads"}`;

const given = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

/** What an order is filed under: no sentence, and no name. */
const ORDER = /^(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./-]{0,59}$/;

function orderOf(order: string | undefined, because: ErasureReason): string | null {
  if (order === undefined && (because === "expunction" || because === "nondisclosure"))
    throw new BadUsage("--order is missing: what the order is filed under.");
  if (order !== undefined && !ORDER.test(order))
    throw new BadUsage("--order is what the order is filed under: letters, digits, spaces and ./- with a digit in it.");
  return order ?? null;
}

/** The certificate keeps the order's number, and stays. */
async function assertNamesNobody(firm: Firm, leadIds: readonly string[], order: string | null): Promise<void> {
  if (order === null) return;
  await withClient(ownerUrl(), async (client) => {
    await bind(client, firm);
    for (const leadId of leadIds) {
      const trace = await readTrace(client, firm.id, leadId);
      const causes =
        trace?.facts.flatMap(({ charges }) => charges.flatMap(({ causeNumber }) => causeNumber ?? [])) ?? [];
      if (trace?.mentions(order) || causes.some((cause) => fold(cause) === fold(order)))
        throw new BadUsage("--order names the person or the case: the certificate stays. Give the order's own number.");
    }
  });
}

/** As for erasing a firm: a folder that nobody named is empty in every task, and a certificate would say that files are gone which lie in the bucket. */
function assertPlacesAreTold(): void {
  const { FILES_BUCKET, FILES_DIR, EVIDENCE_BUCKET, EVIDENCE_DIR } = process.env;
  if (mayUseOwnFolders(process.env)) return;
  if (!FILES_BUCKET && !FILES_DIR)
    throw new BadUsage("Nothing was erased. Set FILES_BUCKET (or FILES_DIR), where the service keeps its files.");
  if (!EVIDENCE_BUCKET && !EVIDENCE_DIR)
    throw new BadUsage(
      "Nothing was erased. Set EVIDENCE_BUCKET (or EVIDENCE_DIR), where files of leads and certificates are kept.",
    );
}

function ownerUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new BadUsage("DATABASE_URL is not set: the owner of the tables alone erases.");
  return url;
}

/** In an image a user has a number and no name, which Node takes for a fault. */
function whoRuns(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "operator");
  }
}

async function firmOf(slug: string | undefined): Promise<Firm> {
  if (!slug) throw new BadUsage("Which firm? Its slug, or --all-firms.");
  const { id } = await getFirmInAnyState(provenOperator(newId(), systemClock), slug);
  return { id, slug };
}
