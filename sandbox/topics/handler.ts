import {
  type Exchange,
  type Handler,
  readBody,
  redirect,
  reply,
  replyHtml,
  replyJson,
  replyText,
} from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { detailPage } from "./detail-page";
import { layout, SITE_CSS } from "./layout";
import { type ListFilter, listAnswer, matches, parseFilter } from "./list";
import { SEARCH_SCRIPT, searchPage, TOKEN_SEARCH_SCRIPT } from "./search-page";
import type { Session } from "./session";
import { countyOfFilter, type TopicsSite } from "./site";

type TopicsOptions = {
  site: TopicsSite;
  faults: FaultQueue;
  rate: RateLimit;
  robots: { status: number; text: string };
  /** The variant that wants a cookie and an anti-forgery token; without it the plain site. */
  session?: Session;
};

/** The TOPICs stand-in: search page, list, detail pages, robots.txt. */
export function topicsHandler({ site, faults, rate, robots, session }: TopicsOptions): Handler {
  return async (exchange) => {
    const { req, res, path, base } = exchange;
    const method = req.method ?? "GET";
    if (path === "/robots.txt") return replyText(res, robots.status, robots.text);
    if (path === "/Content/site.css") return reply(res, 200, { "Content-Type": "text/css; charset=utf-8" }, SITE_CSS);
    if (path.startsWith("/Scripts/"))
      return reply(res, 200, { "Content-Type": "text/javascript" }, session ? TOKEN_SEARCH_SCRIPT : SEARCH_SCRIPT);
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, siteRefusals, site.now()))) return;
    if (!rate.pass()) return replyHtml(res, 429, siteRefusals(429).body, { "Retry-After": "1" });
    if (session && method === "POST" && path === "/BailPublic/Session") return session.shakeHands(exchange);
    if (method === "POST" && path === "/BailPublic/GetAllBailForms") {
      if (session && !session.mayPost(req)) return replyHtml(res, 403, siteRefusals(403).body);
      return list(exchange, site);
    }
    const id = /^\/BailPublic\/BailPublic\/([^/]+)$/.exec(path)?.[1];
    if (method === "GET" && id !== undefined) {
      if (session && !session.isOpen(req)) return redirect(res, `${base}/BailPublic`);
      return detail(exchange, site, decodeURIComponent(id));
    }
    if (path === "" || path === "/") return redirect(res, `${base}/BailPublic`);
    if (method === "GET" && /^\/BailPublic\/?(Index)?$/.test(path)) {
      return replyHtml(res, 200, searchPage(base, session !== undefined), session?.begin(exchange) ?? {});
    }
    return replyHtml(res, 404, siteRefusals(404).body);
  };
}

async function list(exchange: Exchange, site: TopicsSite): Promise<void> {
  const { req, res } = exchange;
  // Another content type is not read by the model binder: the filter stays empty and every row comes.
  const isForm = (req.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const body = await readBody(req);
  const filter = parseFilter(isForm ? body : "");
  const county = countyOfFilter(filter.MagistrationLocation);
  const fault = county ? site.faults(county, "list")?.take(exchange.path) : null;
  if (fault && (await playFault(exchange, fault, siteRefusals, site.now()))) return;
  const style = (county ? site.step(county).list : undefined) ?? "rows";
  const answer = listAnswer(search(site, filter, county), style);
  if (answer !== null) return replyJson(res, 200, answer);
  if (style === "signed-out") return redirect(res, `${exchange.base}/BailPublic`);
  replyHtml(res, 200, siteRefusals(500).body);
}

function search(site: TopicsSite, filter: ListFilter, county: string | null) {
  // "Travis" must not also find a county whose name contains it, so a whole county name is taken as that county.
  const counties = county ? [county] : site.counties();
  return counties.flatMap((each) => site.step(each).forms.filter((form) => matches(form, filter)));
}

async function detail(exchange: Exchange, site: TopicsSite, id: string): Promise<void> {
  const { res, base } = exchange;
  const found = site.find(id);
  if (!found || found.step.detail === "gone") return redirect(res, `${base}/BailPublic`);
  const fault = site.faults(found.form.county, "detail")?.take(exchange.path);
  if (fault && (await playFault(exchange, fault, siteRefusals, site.now()))) return;
  if (found.step.detail === "html-error") return replyHtml(res, 200, siteRefusals(500).body);
  replyHtml(res, 200, detailPage(base, found.form, found.step.detail ?? "usual"));
  site.markServed(found.form);
}

const TITLES: Record<number, string> = {
  403: "Access is denied",
  404: "The resource cannot be found",
  429: "Too many requests",
  500: "An error occurred while processing your request",
  503: "Service Unavailable",
};

const siteRefusals: Refusals = (status) => ({
  type: "text/html; charset=utf-8",
  body: layout("/topics", TITLES[status] ?? "Error", `<h1>${TITLES[status] ?? "Error"}.</h1>`),
});
