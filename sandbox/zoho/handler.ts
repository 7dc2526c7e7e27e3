import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, readBody, reply, replyHtml, replyText } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { type Answer, listDeleted, listFields, listLeads } from "./lists";
import type { ZohoOrg } from "./org";
import { leadsPage } from "./page";
import { writeRows } from "./rows";
import type { ZohoWorld } from "./world";

export type ZohoOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: ZohoWorld };

const problem = (status: number, code: string): Answer => ({
  status,
  body: { code, details: {}, message: code.toLowerCase(), status: "error" },
});
const refusals: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify(problem(status, status === 429 ? "TOO_MANY_REQUESTS" : "INTERNAL_ERROR").body),
});

/** The Zoho stand-in: accounts server, CRM v8 and a page for people in one. */
export function zohoHandler({ clock, faults, rate, world }: ZohoOptions): Handler {
  world.setClock(clock);
  return async (exchange) => {
    const { req, res, path, base } = exchange;
    world.address = `http://${req.headers.host ?? "127.0.0.1"}${base}`;
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusals, clock.now()))) return;
    if (path === "/oauth/v2/auth") return world.oauth.authorize(exchange);
    if (path === "/oauth/v2/token") return world.oauth.token(exchange);
    if (path === "/oauth/v2/token/revoke") return world.oauth.revoke(exchange);
    if (path === "" || path === "/") return replyHtml(res, 200, leadsPage([...world.orgs.values()]));
    if (!path.startsWith("/crm/v8/")) return replyText(res, 404, "Not found\n");
    if (!rate.pass()) return send(exchange, world, null, problem(429, "TOO_MANY_REQUESTS"));
    await api(exchange, world, clock.now());
  };
}

const SCOPES: readonly [RegExp, string][] = [
  [/^\/org$/, "ZohoCRM.org.ALL"],
  [/^\/settings\/fields$/, "ZohoCRM.settings.fields.READ"],
  [/^\/Leads/, "ZohoCRM.modules.leads.ALL"],
];

async function api(exchange: Exchange, world: ZohoWorld, now: Date): Promise<void> {
  const { req } = exchange;
  const path = exchange.path.slice("/crm/v8".length);
  const planned = world.takeRefusal(path);
  if (planned) return send(exchange, world, null, problem(planned.status, planned.code));
  const authorization = req.headers.authorization ?? "";
  const grant = authorization.startsWith("Zoho-oauthtoken ") ? world.oauth.grantOf(authorization) : null;
  if (!grant) return send(exchange, world, null, problem(401, "INVALID_TOKEN"));
  const scope = SCOPES.find(([shape]) => shape.test(path))?.[1];
  if (scope && !grant.scopes.includes(scope)) return send(exchange, world, null, problem(401, "OAUTH_SCOPE_MISMATCH"));
  const org = world.org(grant.accountId);
  const underWay = world.underWay.get(org.id) ?? 0;
  if (underWay >= world.concurrency) return send(exchange, world, org, problem(429, "TOO_MANY_REQUESTS"));
  world.underWay.set(org.id, underWay + 1);
  try {
    send(exchange, world, org, await answer(exchange, path, org, now));
  } finally {
    world.underWay.set(org.id, (world.underWay.get(org.id) ?? 1) - 1);
  }
}

async function answer({ req, url }: Exchange, path: string, org: ZohoOrg, now: Date): Promise<Answer> {
  const route = `${req.method} ${path}`;
  const body = req.method === "GET" ? null : readRows(await readBody(req, 1_000_000));
  const cost = body ? Math.ceil(body.rows.length / 10) : 1;
  if (org.creditsLeft < cost) return problem(429, "LIMIT_EXCEEDED");
  org.credits.used += cost;
  if (route === "GET /org") return { status: 200, body: { org: [{ id: org.id, company_name: org.name }] } };
  if (route === "GET /settings/fields") {
    return url.searchParams.get("module") === "Leads" ? listFields(org) : problem(400, "INVALID_MODULE");
  }
  const since = req.headers["if-modified-since"];
  if (route === "GET /Leads")
    return listLeads(org, url.searchParams, typeof since === "string" ? since : undefined, now);
  if (route === "GET /Leads/deleted") return listDeleted(org, url.searchParams);
  if (route !== "POST /Leads/upsert" && route !== "PUT /Leads") return problem(404, "INVALID_URL_PATTERN");
  if (!body || body.rows.length === 0 || body.rows.length > 100) return problem(400, "INVALID_DATA");
  org.lastWrite = body.whole;
  const kind =
    route === "PUT /Leads" ? ({ how: "update" } as const) : ({ how: "upsert", checked: body.checked } as const);
  const results = writeRows(org, body.rows, kind, now);
  const wrong = results.filter((result) => result.status === "error").length;
  const isNew = results.every((result) => result.action === "insert");
  const status = wrong === 0 ? (isNew ? 201 : 200) : wrong === results.length ? 400 : 207;
  return { status, body: { data: results } };
}

function readRows(text: string): { whole: unknown; rows: Record<string, unknown>[]; checked: string[] } | null {
  try {
    const whole = JSON.parse(text) as Record<string, unknown>;
    const { data, duplicate_check_fields: checked } = whole;
    if (!Array.isArray(data)) return null;
    return {
      whole,
      rows: data as Record<string, unknown>[],
      checked: Array.isArray(checked) ? checked.map(String) : ["Email"],
    };
  } catch {
    return null;
  }
}

function send({ res }: Exchange, world: ZohoWorld, org: ZohoOrg | null, { status, body }: Answer): void {
  const isHalfUsed = org !== null && org.credits.used * 2 >= org.credits.limit;
  const headers: Record<string, string> = isHalfUsed ? { "X-API-CREDITS-REMAINING": String(org.creditsLeft) } : {};
  if (status === 204 || status === 304) {
    res.writeHead(status, headers);
    res.end();
    return;
  }
  const json = JSON.stringify(body);
  const text = world.hasNumericIds ? json.replaceAll(/"id":"(\d{16,})"/g, '"id":$1') : json;
  reply(res, status, { "Content-Type": "application/json; charset=utf-8", ...headers }, text);
}
