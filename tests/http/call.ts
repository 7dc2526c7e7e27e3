import { GET as authGet, POST as authPost } from "@/app/api/auth/[...nextauth]/route";
import { hashPassword } from "@/lib/domain/auth/password";
import { makeFirm, type TestFirm } from "../setup/firms";

/** What a route file exports. */
export type Route = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;

export type Call = {
  method?: string;
  /** The Host header; the firm's own when a firm is given, else our own address. */
  host?: string;
  headers?: Record<string, string>;
  /** Sent as JSON; a string or bytes as they are. */
  body?: unknown;
  ids?: Record<string, string>;
};

export const PASSWORD = "correct horse battery staple";

export const hostOf = (firm: Pick<TestFirm, "slug">): string => `${firm.slug}.localhost:3000`;
export const originOfFirm = (firm: Pick<TestFirm, "slug">): string => `http://${hostOf(firm)}`;

/** Calls a route as Next would: the same Request, the same ids. */
export async function call(
  route: Route,
  path: string,
  { method, host, headers, body, ids }: Call = {},
): Promise<Reply> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const request = new Request(`http://localhost:3000${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      host: host ?? "localhost:3000",
      ...(body === undefined || isRaw ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as BodyInit, duplex: "half" }),
  } as RequestInit);
  const response = await route(request, { params: Promise.resolve(ids ?? {}) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
}

export type Reply = {
  status: number;
  headers: Headers;
  text: string;
  json: <T = Record<string, unknown>>() => T;
};

/** A firm whose user can sign in with `PASSWORD`. */
let hashed: Promise<string> | undefined;
export async function makeFirmWithPassword(options: Parameters<typeof makeFirm>[0] = {}): Promise<TestFirm> {
  hashed ??= hashPassword(PASSWORD);
  return makeFirm({ ...options, passwordHash: await hashed });
}

/** Posts the sign-in form of a firm. */
export const postSignIn = (
  firm: Pick<TestFirm, "slug">,
  form: Record<string, string>,
  { headers = {}, host }: { headers?: Record<string, string>; host?: string } = {},
): Promise<Reply> =>
  call(authPost as Route, "/api/auth/callback/credentials", {
    method: "POST",
    host: host ?? hostOf(firm),
    headers: { origin: originOfFirm(firm), "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(form).toString(),
  });

/** The cookie header of a signed-in user of the firm. */
export async function signInTo(firm: TestFirm): Promise<string> {
  const reply = await postSignIn(firm, { email: firm.user.email, password: PASSWORD });
  const cookie = reply.headers.getSetCookie().find((line) => line.startsWith("arrestra.session="));
  if (!cookie) throw new Error(`not signed in: ${reply.status} ${reply.headers.get("location")}`);
  return cookie.split(";")[0] ?? "";
}

/** What next-auth says of a cookie on a host. */
export const askSession = (host: string, cookie: string): Promise<Reply> =>
  call(authGet as Route, "/api/auth/session", { host, headers: { cookie } });
