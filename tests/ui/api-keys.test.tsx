import { describe, expect, it } from "vitest";
import type { ApiKeyDto } from "@/lib/contracts/api-keys";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import { ApiKeyTable } from "@/lib/ui/api-key-table";
import { firstCall, keyState, scopeWords } from "@/lib/ui/api-key-words";
import { markupOf } from "./render";

const NOW = "2026-11-21T18:00:00.000Z";
const ZONE = "America/Chicago";
const key = (more: Partial<ApiKeyDto> = {}): ApiKeyDto => ({
  id: "1",
  name: "Zoho import",
  prefix: "arl_live_0123456789ab",
  scopes: ["leads:read"],
  state: "active",
  createdAt: "2026-11-01T18:00:00.000Z",
  createdBy: "Dana Counsel",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  replacedBy: null,
  ...more,
});
const words = (more: Partial<ApiKeyDto>) => keyState(key(more), ZONE, NOW).words;

describe("the state of a key in words", () => {
  it.each<[string, Partial<ApiKeyDto>]>([
    ["Works", {}],
    ["Works", { expiresAt: "2027-11-21T18:00:00.000Z" }],
    ["Works. Ends in 13 days: rotate it", { expiresAt: "2026-12-04T12:00:00.000Z" }],
    ["Works. Ends in a day: rotate it", { expiresAt: "2026-11-21T19:00:00.000Z" }],
    ["Replaced. Works until Nov 22, 12:00 PM", { replacedBy: "2", expiresAt: "2026-11-22T18:00:00.000Z" }],
    ["Replaced, ended Today 11:00 AM", { state: "expired", replacedBy: "2", expiresAt: "2026-11-21T17:00:00.000Z" }],
    ["Expired Nov 1, 12:00 PM", { state: "expired", expiresAt: "2026-11-01T18:00:00.000Z" }],
    ["Revoked Today 11:00 AM", { state: "revoked", revokedAt: "2026-11-21T17:00:00.000Z" }],
  ])("is “%s”", (expected, more) => {
    expect(words(more)).toBe(expected);
  });
});

it("says what a key may do in one order, as one phrase", () => {
  expect(scopeWords(["export:read", "leads:read"])).toBe("Read leads, download the CSV export");
  expect(scopeWords([...KEY_SCOPES]).split(", ")).toHaveLength(KEY_SCOPES.length);
});

it.each(KEY_SCOPES)("has a first call for a key that may only %s, without the key in it", (scope) => {
  const example = firstCall([scope], "https://smithlaw.example");
  expect(example).toContain('"Authorization: Bearer $ARRESTRA_KEY"');
  expect(example).toContain("https://smithlaw.example/api/");
  expect(example).not.toContain("arl_live_");
});

it("offers what can be done with a key that works, and nothing with one that ended or was replaced", () => {
  const nothing = () => {};
  const table = (keys: ApiKeyDto[], isEnded = false) =>
    markupOf(
      <ApiKeyTable
        caption="Keys"
        keys={keys}
        timeZone={ZONE}
        now={NOW}
        {...(isEnded ? {} : { onRotate: nothing, onRevoke: nothing })}
      />,
    );
  const working = table([key(), key({ id: "2", name: "Old", replacedBy: "1" })]);
  expect(working).toContain('aria-label="Rotate Zoho import"');
  expect(working).toContain('aria-label="Revoke Old"');
  expect(working).not.toContain("Rotate Old");
  expect(working).toContain("arl_live_0123456789ab…");
  expect(working).toContain("Dana Counsel");
  expect(table([key({ state: "revoked", revokedAt: NOW })], true)).not.toContain("<button");
});
