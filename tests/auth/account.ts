import { POST as optionsRoute } from "@/app/api/account/passkeys/options/route";
import { POST as passkeysRoute } from "@/app/api/account/passkeys/route";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import { POST as codesRoute } from "@/app/api/account/recovery-codes/route";
import { GET as accountRoute, PATCH as profileRoute } from "@/app/api/account/route";
import { DELETE as sessionRoute } from "@/app/api/account/sessions/[id]/route";
import { DELETE as sessionsRoute } from "@/app/api/account/sessions/route";
import { POST as stepUpRoute } from "@/app/api/account/step-up/route";
import { POST as confirmRoute } from "@/app/api/account/totp/confirm/route";
import { POST as totpRoute } from "@/app/api/account/totp/route";
import { POST as joinOfferRoute } from "@/app/api/join/offer/route";
import { POST as joinRoute } from "@/app/api/join/route";
import { POST as factorOfferRoute } from "@/app/api/recover/factor/offer/route";
import { POST as factorRoute } from "@/app/api/recover/factor/route";
import { POST as recoverPasswordRoute } from "@/app/api/recover/password/route";
import type { AccountDto, LinkPurpose } from "@/lib/contracts/account";
import { makeOneTimeLink } from "@/lib/domain/auth/one-time-links";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { type Call, call, hostOf, originOfFirm, type Reply } from "../http/call";
import { addUser, asOwner, eventsOf, type TestFirm, type TestMember } from "../setup/firms";

/** A password that nobody had before, good enough for anybody. */
export const NEW_PASSWORD = "purple otter sings quietly";

/** An invited person: no password, no authenticator. */
export const invite = (firm: TestFirm, email?: string): Promise<TestMember> =>
  addUser(firm, { role: "staff", isEnrolled: false, ...(email ? { email } : {}) });

/** A one-time link for a user, as an admin's verb makes it. */
export async function linkFor(firm: TestFirm, purpose: LinkPurpose, userId: string, ttlMs?: number): Promise<string> {
  const ctx = firm.asService();
  const { link } = await inTenant(ctx, (tx) =>
    makeOneTimeLink(tx, ctx, { purpose, userId, ...(ttlMs ? { ttlMs } : {}) }),
  );
  return link;
}

const LINK_ROUTES = {
  "/api/join": joinRoute,
  "/api/join/offer": joinOfferRoute,
  "/api/recover/password": recoverPasswordRoute,
  "/api/recover/factor": factorRoute,
  "/api/recover/factor/offer": factorOfferRoute,
};

let visitors = 0;
/** Another address each time: what one address may do is a test of its own. */
const someAddress = (): string => `10.${++visitors >> 16}.${(visitors >> 8) & 255}.${visitors & 255}`;

/** Posts what the page of a one-time link posts, on the firm's host and from its own page unless told otherwise. */
export const postLink = (
  firm: Pick<TestFirm, "slug">,
  path: keyof typeof LINK_ROUTES,
  body: unknown,
  { headers, host }: Pick<Call, "headers" | "host"> = {},
): Promise<Reply> =>
  call(LINK_ROUTES[path], path, {
    body,
    host: host ?? hostOf(firm),
    headers: { origin: originOfFirm(firm), "x-forwarded-for": someAddress(), ...headers },
  });

const ACCOUNT_ROUTES = {
  "GET /api/account": accountRoute,
  "PATCH /api/account": profileRoute,
  "POST /api/account/password": passwordRoute,
  "POST /api/account/totp": totpRoute,
  "POST /api/account/totp/confirm": confirmRoute,
  "POST /api/account/recovery-codes": codesRoute,
  "POST /api/account/passkeys": passkeysRoute,
  "POST /api/account/passkeys/options": optionsRoute,
  "POST /api/account/step-up": stepUpRoute,
  "DELETE /api/account/sessions": sessionsRoute,
  "DELETE /api/account/sessions/[id]": sessionRoute,
};

/** What a page of the firm asks with this cookie. */
export function ask(
  firm: Pick<TestFirm, "slug">,
  cookie: string,
  name: keyof typeof ACCOUNT_ROUTES,
  { body, id, headers }: { body?: unknown; id?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const [method = "", path = ""] = name.split(" ");
  return call(ACCOUNT_ROUTES[name], path.replace("[id]", id ?? ""), {
    method,
    body,
    host: hostOf(firm),
    headers: { cookie, origin: originOfFirm(firm), "content-type": "application/json", ...headers },
    ids: id ? { id } : {},
  });
}

/** The account behind a cookie; throws when the cookie opens nothing. */
export async function accountOf(firm: TestFirm, cookie: string): Promise<AccountDto> {
  const reply = await ask(firm, cookie, "GET /api/account");
  if (reply.status !== 200) throw new Error(`no account: ${reply.status} ${reply.text}`);
  return reply.json<AccountDto>();
}

/** Whether a cookie still opens anything. */
export const statusOf = async (firm: TestFirm, cookie: string): Promise<number> =>
  (await ask(firm, cookie, "GET /api/account")).status;

/** The fields that a refusal names. */
export const namedIn = (reply: Reply): string[] =>
  reply.json<{ invalidParams: { name: string }[] }>().invalidParams.map(({ name }) => name);

/** The types of the firm's events, oldest first. */
export const typesOf = async (firm: TestFirm): Promise<string[]> => (await eventsOf(firm)).map(({ type }) => type);

/** One row, asked as the owner of the tables. */
export async function rowOf<T extends object>(firm: TestFirm, sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await asOwner(firm.id, (client) => client.query(sql, values));
  return rows[0] as T;
}
