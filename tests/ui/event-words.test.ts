import { expect, it } from "vitest";
import { EVENTS } from "@/lib/domain/events/catalog";
import { eventWords } from "@/lib/ui/event-words";

const said = (type: string, data: Record<string, unknown>, names: Record<string, string> = {}) =>
  eventWords(
    { id: "1", type, data, occurredAt: "2026-11-21T12:00:00Z", actor: { type: "user", name: "Dana Counsel" } },
    names,
  ).text;

it.each(Object.keys(EVENTS))("has words of its own for %s", (type) => {
  const words = said(type, {});
  expect(words.length).toBeGreaterThan(8);
  expect(words).not.toBe(`Dana Counsel: ${type.split(".")[1]?.replaceAll("_", " ")}`);
  expect(words).not.toMatch(/undefined|null|NaN|\[object/);
});

it("says who did what to whom", () => {
  const names = { u1: "Riley Park", k1: "key Scraper", k2: "key Scraper 2" };
  expect(said("user.role_changed", { userId: "u1", from: "staff", to: "admin" }, names)).toBe(
    "Dana Counsel changed the role of Riley Park: staff → admin",
  );
  expect(said("api_key.rotated", { keyId: "k1", newKeyId: "k2" }, names)).toBe(
    "Dana Counsel replaced key Scraper by key Scraper 2",
  );
  expect(said("auth.sign_in_failed", { reason: "unknown_user", userId: null }, names)).toBe(
    "Sign-in refused: nobody by that address",
  );
  expect(said("auth.password_changed", { userId: "u1" }, { u1: "Dana Counsel" })).toBe(
    "Dana Counsel changed the password",
  );
  expect(said("user.disabled", { userId: "gone" })).toBe("Dana Counsel disabled a former user");
});

it("shows an event that it does not know by its own name", () => {
  expect(said("moon.was_full", {})).toBe("Dana Counsel: was full");
});
