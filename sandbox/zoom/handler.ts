import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, readBody, redirect, replyHtml, replyText } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { isThisMachine } from "../http/tell";
import { answerApi } from "./api";
import { meetingPage } from "./page";
import type { ZoomWorld } from "./world";

export type ZoomOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: ZoomWorld };

/** The secret of our app's webhooks, as `npm start` sets it. */
const WEBHOOK_SECRET = "sandbox-zoom-webhook";

/** The stand-in of this service: consent and tokens, the API below `/v2`, and a page for each meeting's link. */
export function zoomHandler({ clock, faults, rate, world }: ZoomOptions): Handler {
  world.setClock(clock);
  return async (exchange) => {
    const { req, res, path, url, base } = exchange;
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusal, clock.now()))) return;
    if (path === "/oauth/authorize") {
      const back = URL.parse(url.searchParams.get("redirect_uri") ?? "");
      if (req.method === "GET" && back) subscribeApp(world, back);
      return world.oauth.authorize(exchange);
    }
    if (path === "/oauth/token") return world.oauth.token(exchange);
    if (path === "/oauth/revoke") return world.oauth.revoke(exchange, { needsClient: true });
    if (path.startsWith("/v2/"))
      return answerApi(exchange, world, () => rate.pass(), `http://${req.headers.host ?? "127.0.0.1"}${base}`);
    const [, id = "", verb] = /^\/j\/(\d+)(?:\/(\w+))?$/.exec(path) ?? [];
    const meeting = world.meetings.get(id);
    if (!meeting) return replyText(res, 404, "There is no such meeting.\n");
    if (req.method === "POST" && verb) return act(exchange, world, id, verb);
    replyHtml(res, 200, meetingPage(meeting, base));
  };
}

/** In the real service the address of an app's webhooks is entered once, in the app; here it is known from where people are sent back to. */
function subscribeApp(world: ZoomWorld, back: URL): void {
  const target = `${back.origin}/api/webhooks/zoom`;
  if (world.webhooks.subscriptions.some(({ url }) => url === target)) return;
  if (isThisMachine(back)) world.webhooks.subscribe({ url: target, secret: WEBHOOK_SECRET, accountId: null });
}

async function act(exchange: Exchange, world: ZoomWorld, id: string, verb: string): Promise<void> {
  const form = new URLSearchParams(await readBody(exchange.req));
  try {
    if (verb === "join") await world.join(id, { name: form.get("name") || "Guest" });
    else if (verb === "host") await world.join(id, { name: "Host", isHost: true });
    else if (verb === "leave") await world.leave(id, form.get("userId") ?? "");
    else if (verb === "end") await world.end(id);
  } catch {
    // Two people pressed at once: the page shows how it stands now.
  }
  redirect(exchange.res, `${exchange.base}/j/${id}`);
}

const refusal: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify({ code: status, message: status === 429 ? "Too many requests." : "Something went wrong." }),
});
