import { randomBytes } from "node:crypto";
import type { LinkPurpose } from "@/lib/contracts/account";
import { makeOneTimeLink } from "@/lib/domain/auth/one-time-links";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { beginImport } from "@/lib/domain/leads/imports/begin-import";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { addUserWithPassword, makeFirmWithPassword, sessionOf } from "../http/call";
import { startApp, type TestApp } from "../setup/app";
import { addUser, asOwner, type TestFirm, type TestMember } from "../setup/firms";
import { type Reply, type RequestOptions, request } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { placeConsultation } from "./scope-firm";

/** Who asks, all with sessions on their firm's host. The attorney sees the leads of one county. */
export type Who = "owner" | "admin" | "viewer" | "attorney";

/** One of two firms on one server, every text of which holds a sign of its own. */
export type House = {
  firm: TestFirm;
  /** In what anybody may see who knows the firm's address: slug, name, domain. */
  sign: string;
  /** In what is personal or secret: names, contacts, notes, offenses, the users' names and addresses. */
  personal: string;
  people: Record<Who, TestMember | TestFirm["user"]>;
  cookies: Record<Who, string>;
  /** One lead inside what the attorney sees, and one outside, which has a sign of its own. */
  lead: string;
  hidden: { id: string; sign: string };
  /** Of the lead that the attorney sees. */
  consultation: string;
  /** A list that an owner began to bring. */
  leadImport: string;
  domain: string;
  /** One-time links that open something, by what for: an invited person's, the owner's and a colleague's. */
  links: Record<"join" | "password" | "factor", string>;
};

/** Letters alone: a name keeps no digits. */
const newSign = (): string => Array.from(randomBytes(10), (byte) => String.fromCharCode(97 + (byte % 26))).join("");

/** A firm with people of each kind and two leads, everything of them signed. */
export async function makeHouse(): Promise<House> {
  const sign = `zq${newSign()}`;
  const personal = `qz${newSign()}`;
  const firm = await makeFirmWithPassword({ slug: sign });
  const user = (role: "admin" | "viewer" | "attorney", scope?: { counties: ["Travis"]; classes: [] }) =>
    addUserWithPassword(firm, {
      role,
      email: `${role}.${personal}@person.example`,
      name: `${personal} ${role}`,
      ...(scope ? { scope } : {}),
    });
  const people = {
    owner: { ...firm.user, email: `owner.${personal}@person.example` },
    admin: await user("admin"),
    viewer: await user("viewer"),
    attorney: await user("attorney", { counties: ["Travis"], classes: [] }),
  };
  const domain = `leads.${sign}.example`;
  await asOwner(firm.id, async (client) => {
    await client.query("UPDATE app_user SET email = $2, name = $3 WHERE id = $1", [
      firm.user.id,
      people.owner.email,
      `${personal} owner`,
    ]);
    await client.query("UPDATE api_key SET name = $2 WHERE id = $1", [firm.key.id, `${personal} key`]);
    await client.query("INSERT INTO domain (tenant_id, id, host, token) VALUES ($1, gen_random_uuid(), $2, $3)", [
      firm.id,
      domain,
      personal,
    ]);
  });
  const [lead = "", hidden = ""] = await fill(firm, personal);
  const consultation = await placeConsultation(firm, lead, personal);
  await placeConsultation(firm, hidden, `${personal}hidden`);
  const cookies = {
    owner: await sessionOf(firm, people.owner),
    admin: await sessionOf(firm, people.admin),
    viewer: await sessionOf(firm, people.viewer),
    attorney: await sessionOf(firm, people.attorney),
  };
  return {
    firm,
    sign,
    personal,
    people,
    cookies,
    lead,
    hidden: { id: hidden, sign: `${personal}hidden` },
    consultation,
    leadImport: (await beginImport(firm.asUser(), { filename: `${personal}.csv`, bytes: 9 })).import.id,
    domain,
    links: await makeLinks(firm, personal),
  };
}

async function makeLinks(firm: TestFirm, personal: string): Promise<House["links"]> {
  const ctx = firm.asService();
  const email = `invited.${personal}@person.example`;
  const invited = await addUser(firm, { email, name: `${personal} invited`, isEnrolled: false });
  // A person has one link at a time, and one to recover by only with a password.
  const linked = { email: `linked.${personal}@person.example`, name: `${personal} linked` };
  const colleague = await addUserWithPassword(firm, linked);
  const make = (purpose: LinkPurpose, userId: string) =>
    inTenant(ctx, (tx) => makeOneTimeLink(tx, ctx, { purpose, userId }));
  const [join, password, factor] = [
    await make("join", invited.id),
    await make("password", firm.user.id),
    await make("factor", colleague.id),
  ];
  return { join: join.link, password: password.link, factor: factor.link };
}

async function fill(firm: TestFirm, personal: string): Promise<string[]> {
  const signs = [personal, `${personal}hidden`];
  const report = await ingestLeads(firm.asKey(), {
    source: "api",
    leads: signs.map((sign, i) => ({
      sourceId: `${sign}-record`,
      name: { full: `${sign}, ROWAN` },
      county: i === 0 ? "Travis" : "Hays",
      charges: [{ offense: `${sign} OFFENSE`, level: "MA", causeNumber: `${sign}-1`, bailCents: 100_000 }],
      labels: [sign],
    })),
  });
  const ids = report.results.map(({ leadId }) => leadId ?? "");
  for (const [i, sign] of signs.entries()) {
    const leadId = ids[i] ?? "";
    const given = { kind: "email", value: `${sign}@person.example`, givenBy: sign, basis: "referral" } as const;
    await addContact(firm.asUser(), leadId, { ...given, check: false });
    await changeLeadStatus(firm.asUser(), { leadId, to: "reviewed", note: `${sign} said so` });
  }
  await enrichLeads(firm.asUser(), { leadIds: ids });
  return ids;
}

/** The server and how to ask it as anybody, wherever they say they come in. */
export type World = {
  app: TestApp;
  port: string;
  hostOf: (house: House) => string;
  ask: (host: string, path: string, options?: RequestOptions & { cookie?: string }) => Promise<Reply>;
};

/** The packed server on the database of this test file. */
export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const app = await startApp({ database: ownDatabase, env });
  const { port } = new URL(app.baseUrl);
  return {
    app,
    port,
    hostOf: ({ firm }) => `${firm.slug}.localhost:${port}`,
    ask: (host, path, { cookie, headers, ...options } = {}) =>
      request(`${app.baseUrl}${path}`, { ...options, headers: { host, ...(cookie ? { cookie } : {}), ...headers } }),
  };
}

/** Everything that a reply says: each header as it came, and the body. */
export const saidBy = (reply: Pick<Reply, "rawHeaders" | "text">): string =>
  `${reply.rawHeaders.join("\n")}\n${reply.text}`.toLowerCase();

/** The headers that every reply has, whoever made it. */
export const ALWAYS = [
  "strict-transport-security",
  "x-content-type-options",
  "x-frame-options",
  "referrer-policy",
  "permissions-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "content-security-policy",
];
