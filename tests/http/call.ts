import { GET as authGet, POST as authPost } from "@/app/api/auth/[...nextauth]/route";
import { hashPassword } from "@/lib/domain/auth/password";
import { openSession } from "@/lib/http/auth-adapter";
import { sessionCookie } from "@/lib/http/session-cookie";
import { freshCode } from "../setup/factor";
import { addUser, makeFirm, type TestFirm, type TestMember, type TestUser } from "../setup/firms";

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

let hashed: Promise<string> | undefined;
const hashOnce = (): Promise<string> => {
  hashed ??= hashPassword(PASSWORD);
  return hashed;
};

/** A firm whose user can sign in with `PASSWORD` and their authenticator. */
export const makeFirmWithPassword = async (options: Parameters<typeof makeFirm>[0] = {}): Promise<TestFirm> =>
  makeFirm({ ...options, passwordHash: await hashOnce() });

/** A further user of a firm who can sign in with `PASSWORD` and their authenticator. */
export const addUserWithPassword = async (
  firm: TestFirm,
  options: Parameters<typeof addUser>[1] = {},
): Promise<TestMember> => addUser(firm, { ...options, passwordHash: await hashOnce() });

type SignInOptions = { headers?: Record<string, string>; host?: string };

/** Posts one step of the sign-in form of a firm: e-mail and password, or a factor with the cookie of the attempt. */
export const postSignIn = (
  firm: Pick<TestFirm, "slug">,
  form: Record<string, string>,
  { headers = {}, host }: SignInOptions = {},
): Promise<Reply> =>
  call(authPost as Route, "/api/auth/callback/credentials", {
    method: "POST",
    host: host ?? hostOf(firm),
    headers: { origin: originOfFirm(firm), "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(form).toString(),
  });

/** A cookie that a reply sets, as the browser sends it back; empty when it sets none. */
export const cookieOf = (reply: Reply, name: string): string =>
  reply.headers
    .getSetCookie()
    .find((line) => line.startsWith(`${name}=`))
    ?.split(";")[0] ?? "";

/** The first step of signing in; gives the cookie of the attempt. */
export const postPassword = async (
  firm: Pick<TestFirm, "slug" | "user">,
  {
    email = firm.user.email,
    password = PASSWORD,
    ...options
  }: SignInOptions & { email?: string; password?: string } = {},
): Promise<string> => cookieOf(await postSignIn(firm, { email, password }, options), "arrestra.attempt");

/** The second step: posts a factor (`code`, `recoveryCode` or `passkey`) with the cookie of an attempt. */
export const postFactor = (
  firm: Pick<TestFirm, "slug">,
  attempt: string,
  form: Record<string, string>,
  { headers = {}, host }: SignInOptions = {},
): Promise<Reply> => postSignIn(firm, form, { headers: { cookie: attempt, ...headers }, host });

// A code counts once: who signs in the same user beside another test would take it from under it.
const turns = new Map<string, Promise<unknown>>();

/** Signs a user of the firm in, its first one unless another is given, in two steps; gives the cookie header of the session. */
export function signInTo(firm: TestFirm, user: TestUser = firm.user): Promise<string> {
  const turn = (turns.get(user.id) ?? Promise.resolve()).then(() => bothSteps(firm, user));
  turns.set(
    user.id,
    turn.catch(() => {}),
  );
  return turn;
}

async function bothSteps(firm: TestFirm, user: TestUser): Promise<string> {
  const attempt = await postPassword(firm, { email: user.email });
  const reply = await postFactor(firm, attempt, { code: await freshCode(firm.id, user) });
  const cookie = cookieOf(reply, "arrestra.session");
  if (!cookie) throw new Error(`not signed in: ${reply.status} ${reply.headers.get("location")}`);
  return cookie;
}

/**
 * The cookie header of a session that is opened for a user of the firm, its first one unless another is given, as signing in opens it at its end: for tests in which
 * nobody's password is looked at. Looking at one is made costly on purpose, and costs more than all the rest of a small test.
 */
export async function sessionOf(firm: TestFirm, { id: userId }: Pick<TestUser, "id"> = firm.user): Promise<string> {
  const { token } = await openSession(firm.asService(), { userId, factor: "totp" });
  const [cookie = ""] = (await sessionCookie(firm.id, { userId, token })).split(";");
  return cookie;
}

/** What next-auth says of a cookie on a host. */
export const askSession = (host: string, cookie: string): Promise<Reply> =>
  call(authGet as Route, "/api/auth/session", { host, headers: { cookie } });
