import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { startApp, type TestApp } from "../setup/app";
import { codeOf } from "../setup/factor";
import type { TestFirm } from "../setup/firms";
import { request, visitor } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { makeFirmWithPassword, PASSWORD } from "./call";

/** What a page may ask of a phone before it answers to a finger. */
const LIMIT_KB = 200;

let app: TestApp;
let firm: TestFirm;
let leadId: string;
let consultationId: string;
beforeAll(async () => {
  app = await startApp({ database: ownDatabase });
  firm = await makeFirmWithPassword();
  const lead = { sourceId: "form-1", name: { full: "SPECIMEN, DARA" }, county: "Travis", charges: [] };
  const { results } = await ingestLeads(firm.asKey(), { source: "api", leads: [lead] });
  leadId = results[0]?.leadId ?? "";
  const startsAt = new Date(Date.now() + 86_400_000).toISOString();
  const booked = await bookConsultation(firm.asKey(), { leadId, startsAt, minutes: 30, kind: "Consultation" });
  consultationId = booked.id;
});
afterAll(async () => {
  await app?.stop();
  await closeDatabase();
});

/** The scripts that a page names in its HTML, gzipped, in kB; the one for browsers without modules left out. */
async function firstLoad(html: string): Promise<number> {
  const tags = [...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g)].filter(([tag]) => !/\bnomodule\b/i.test(tag));
  const sources = new Set(tags.map(([, source = ""]) => source));
  const sizes = await Promise.all(
    [...sources].map(async (source) => gzipSync((await request(new URL(source, app.baseUrl).href)).bytes).length),
  );
  expect(sizes.length).toBeGreaterThan(3);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

it(`loads at most ${LIMIT_KB} kB of script with any page`, async () => {
  const person = visitor();
  const origin = app.firmUrl(firm.slug);
  const loads: Record<string, number> = { "/login": await firstLoad((await person.request(`${origin}/login`)).text) };
  const signIn = (form: Record<string, string>) =>
    person.request(`${origin}/api/auth/callback/credentials`, { headers: { origin }, body: new URLSearchParams(form) });
  await signIn({ email: firm.user.email, password: PASSWORD });
  loads["/login/code"] = await firstLoad((await person.request(`${origin}/login/code`)).text);
  await signIn({ code: codeOf(firm.user.totpSecret) });
  const settings = ["profile", "users", "api-keys", "domains", "audit"].map((topic) => `/settings/${topic}`);
  for (const path of [
    "/leads",
    `/leads/${leadId}`,
    "/consultations",
    `/consultations/${consultationId}`,
    "/sources",
    ...settings,
  ]) {
    const page = await person.request(origin + path);
    expect(page.status, path).toBe(200);
    loads[path] = await firstLoad(page.text);
  }
  expect(
    Object.entries(loads).filter(([, kB]) => kB > LIMIT_KB),
    JSON.stringify(loads),
  ).toEqual([]);
});
