import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GET as listRoute } from "@/app/api/leads/route";
import { mintApiKey } from "@/lib/core/secret";
import { newTotpSecret } from "@/lib/domain/auth/totp";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { type FirmAccess, seedDemo, type UserAccess } from "@/prisma/seed/index";
import { askSession, call, cookieOf, hostOf, postFactor, postPassword } from "../http/call";
import { codeOf } from "../setup/factor";
import { ownDatabase } from "../setup/own-database";

const user = (email: string): UserAccess => ({
  email,
  password: randomBytes(15).toString("base64url"),
  totpSecret: newTotpSecret(),
});
const firm = (slug: string): FirmAccess => ({ ...user(`demo@${slug}.example`), apiKey: mintApiKey().text });
const users = {
  admin: user("a@smithlaw.example"),
  attorney: user("b@smithlaw.example"),
  viewer: user("c@smithlaw.example"),
};
const firms = {
  smithlaw: { ...firm("smithlaw"), users },
  riverbend: firm("riverbend"),
  cleanslate: firm("cleanslate"),
};

beforeAll(async () => {
  await seedDemo({ ownerUrl: ownDatabase.ownerUrl, firms });
  await seedDemo({ ownerUrl: ownDatabase.ownerUrl, firms });
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

it.each([
  ["smithlaw", "owner", firms.smithlaw],
  ["smithlaw", "admin", users.admin],
  ["smithlaw", "attorney", users.attorney],
  ["smithlaw", "viewer", users.viewer],
  ["riverbend", "owner", firms.riverbend],
  ["cleanslate", "owner", firms.cleanslate],
])("lets the demo's %s %s in with the password and the code of the known secret", async (slug, role, access) => {
  const at = { slug, user: { id: "", role: "owner", totpSecret: "", email: access.email } } as const;
  const attempt = await postPassword(at, { password: access.password });
  const cookie = cookieOf(await postFactor(at, attempt, { code: codeOf(access.totpSecret) }), "arrestra.session");
  expect((await askSession(hostOf(at), cookie)).json()).toMatchObject({ user: { email: access.email, role } });
  const listed = await call(listRoute, "/api/leads", { host: hostOf(at), headers: { cookie } });
  expect(listed.status).toBe(200);
});
