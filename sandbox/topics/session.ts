import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { cookiesOf, type Exchange, type Headers, replyJson } from "../http/exchange";

const SESSION_COOKIE = "ASP.NET_SessionId";
const TOKEN_COOKIE = "XSRF-TOKEN";

/**
 * The cookie handshake of the variant that needs a browser: the page gives a session, its script asks for an anti-forgery token in a cookie
 * and sends it back in a header. The token belongs to the session; nothing is stored here.
 */
export class Session {
  readonly #key = randomBytes(32);

  /** The headers of the page that begins a session. */
  begin({ req, base }: Exchange): Headers {
    if (cookiesOf(req).has(SESSION_COOKIE)) return {};
    return {
      "Set-Cookie": `${SESSION_COOKIE}=${randomBytes(12).toString("hex")}; Path=${base}; HttpOnly; SameSite=Lax`,
    };
  }

  isOpen(req: IncomingMessage): boolean {
    return cookiesOf(req).has(SESSION_COOKIE);
  }

  async shakeHands({ req, res, base }: Exchange): Promise<void> {
    const id = cookiesOf(req).get(SESSION_COOKIE);
    if (!id) return replyJson(res, 403, { success: false });
    replyJson(
      res,
      200,
      { success: true },
      { "Set-Cookie": `${TOKEN_COOKIE}=${this.#tokenOf(id)}; Path=${base}; SameSite=Lax` },
    );
  }

  /** Session, token cookie and token header must all be there and belong together. */
  mayPost(req: IncomingMessage): boolean {
    const cookies = cookiesOf(req);
    const id = cookies.get(SESSION_COOKIE);
    const sent = req.headers.requestverificationtoken;
    if (!id || typeof sent !== "string" || cookies.get(TOKEN_COOKIE) !== sent) return false;
    const wanted = Buffer.from(this.#tokenOf(id));
    const given = Buffer.from(sent);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  }

  #tokenOf(id: string): string {
    return createHmac("sha256", this.#key).update(id).digest("hex");
  }
}
