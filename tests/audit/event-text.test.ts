import { expect, it } from "vitest";
import { z } from "zod";
import { EVENTS } from "@/lib/domain/events/catalog";

// History outlives an erasure, so whatever text may stand in an event is named here, with what keeps people out of it.
const ID = "an id of a row of ours";
const MOMENT = "a moment or a day";
const OURS = "a word of ours";
const TEXTS: Readonly<Record<string, string>> = {
  batchId: ID,
  runId: ID,
  contactId: ID,
  enrichmentId: ID,
  exportId: ID,
  importId: ID,
  erasureId: ID,
  evidenceId: ID,
  consultationId: ID,
  connectionId: ID,
  leadId: ID,
  fromLeadId: ID,
  toLeadId: ID,
  userId: ID,
  keyId: ID,
  newKeyId: ID,
  sessionId: ID,
  passkeyId: ID,
  domainId: ID,
  reasonId: ID,
  noteId: ID,
  lead: ID,
  actor: ID,
  externalId: "an id of a record at another service, which opens it there and nowhere else",
  qDigest: "a keyed digest of what was searched for",
  observedAt: MOMENT,
  withdrawnAt: MOMENT,
  startsAt: MOMENT,
  from: MOMENT,
  to: MOMENT,
  until: MOMENT,
  oldUntil: MOMENT,
  expiresAt: MOMENT,
  eraseAfter: MOMENT,
  source: OURS,
  provider: OURS,
  resource: OURS,
  band: OURS,
  state: OURS,
  status: OURS,
  kind: OURS,
  words: "the answer of a vendor in our words: valid, mobile, of which kind",
  problem: OURS,
  type: OURS,
  fields: "names of fields, without their values",
  columns: OURS,
  scopes: "rights",
  offense: "as the county prints it for anybody who is charged so",
  // docs/decisions/0055: with the court's register this one finds the case, as long as the register has it.
  causeNumber: "the number of a case, where one was assigned or changed",
  host: "a host of the firm",
  slug: "the firm's",
  basis: "on what ground a contact may be used, one of a few words",
  messageId: "the id of a message at the service that sent it, to a member of the firm",
  reason: "why the operator shut the firm, in the operator's words",
};

/** The places in a schema that take any text, by the name of their field. */
function textsIn(schema: unknown, name: string): string[] {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return [name];
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape).flatMap(([key, each]) => textsIn(each, key));
  if (schema instanceof z.ZodArray) return textsIn(schema.element, name);
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return textsIn(schema.unwrap(), name);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((each) => textsIn(each, name));
  if (schema instanceof z.ZodPipe) return textsIn(schema.in, name);
  const isShut = [z.ZodEnum, z.ZodLiteral, z.ZodNumber, z.ZodBoolean, z.ZodNull].some((kind) => schema instanceof kind);
  return isShut ? [] : [`${name} (of a kind that is not known here)`];
}

// Seen red with: a name beside lead.opened; q put back into the filter of leads.listed.
it("every text that an event may hold is an id, a moment, a word of ours, or says why it names nobody", () => {
  const unknown = Object.entries(EVENTS).flatMap(([type, schema]) =>
    textsIn(schema, type)
      .filter((field) => !Object.hasOwn(TEXTS, field))
      .map((field) => `${type}: ${field}`),
  );
  expect(unknown).toEqual([]);
});
