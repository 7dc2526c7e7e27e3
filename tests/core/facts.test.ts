import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bailStateOf, bailTypeOf } from "@/lib/core/bail";
import { COUNTIES, countySlug, countyTimeZone, findCounty } from "@/lib/core/county";
import { decodeCursor, encodeCursor } from "@/lib/core/cursor";
import { formatCents, MAX_BAIL_CENTS, parseCents } from "@/lib/core/money";
import { offenseClassOf } from "@/lib/core/offense";
import { formatPhone, normalizePhone } from "@/lib/core/phone";
import { mintApiKey, parseApiKey, sha256 } from "@/lib/core/secret";
import { fold, text } from "@/lib/core/text";

describe("money", () => {
  it("reads back every amount it prints", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_BAIL_CENTS }), (cents) => parseCents(formatCents(cents)) === cents),
    );
  });
  it("takes printed amounts and refuses everything else", () => {
    expect(["$7,500.00", "7500", "$0", " $ 1,234.5 "].map(parseCents)).toEqual([750_000, 750_000, 0, 123_450]);
    expect(["", "denied", "-5", "1,23", "$1.234", "1e3", "$999,999,999,999"].map(parseCents)).toEqual(
      Array(7).fill(null),
    );
  });
});

describe("bail", () => {
  it("keeps $0, blank, denied and not yet set apart", () => {
    expect(bailStateOf(bailTypeOf("Personal"), 0)).toBe("zero");
    expect(bailStateOf(bailTypeOf(""), null)).toBe("blank");
    expect(bailStateOf(bailTypeOf("Bail Denied"), null)).toBe("denied");
    expect(bailStateOf(bailTypeOf("No bond information available"), null)).toBe("not_set");
  });
  it("calls an unfamiliar word unknown rather than guessing", () => {
    expect(bailTypeOf("Attorney bond per order")).toBe("unknown");
    expect(bailTypeOf("Cash or Surety")).toBe("cash_or_surety");
  });
});

describe("counties", () => {
  it("are the 254 of Texas, each with a slug of its own and found however it is printed", () => {
    expect(COUNTIES).toHaveLength(254);
    expect(new Set(COUNTIES.map(countySlug)).size).toBe(254);
    for (const county of COUNTIES) expect(findCounty(`${county.toUpperCase()} County`)).toBe(county);
    expect(findCounty("Orange Park")).toBeNull();
  });
  it("keep Mountain Time in El Paso and Hudspeth only", () => {
    expect(COUNTIES.filter((county) => countyTimeZone(county) === "America/Denver")).toEqual(["El Paso", "Hudspeth"]);
  });
});

describe("cursors", () => {
  it("come back as they were made, and only for what they were made for", () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.json(), fc.json(), (key, id, a, b) => {
        const cursor = encodeCursor({ key, id }, a);
        expect(decodeCursor(cursor, a, () => true)).toEqual({ key, id });
        if (a !== b) expect(() => decodeCursor(cursor, b, () => true)).toThrow(/cursor/);
      }),
    );
  });
  it("refuse any other text with the field named", () => {
    fc.assert(
      fc.property(fc.string(), (garbage) => {
        expect(() => decodeCursor(garbage, "x", () => true)).toThrow(
          expect.objectContaining({ invalidParams: [expect.objectContaining({ name: "cursor" })] }),
        );
      }),
    );
  });
});

describe("API keys", () => {
  it("are recognised by shape and checksum; one changed letter is refused", () => {
    const { text: key, kid, secretHash } = mintApiKey();
    const parts = parseApiKey(key);
    expect(parts?.kid).toBe(kid);
    expect(sha256(parts?.secret ?? "")).toBe(secretHash);
    for (let i = 0; i < key.length; i += 1) {
      const changed = key.slice(0, i) + (key[i] === "a" ? "b" : "a") + key.slice(i + 1);
      expect(parseApiKey(changed)).toBeNull();
    }
  });
});

describe("text", () => {
  it("refuses what Postgres could not store and nothing else that is well formed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }).filter((s) => s.trim() !== ""),
        (value) => {
          expect(text(10_000).safeParse(value).success).toBe(!value.trim().includes("\u0000"));
        },
      ),
    );
    expect(text(10).safeParse("\ud800").success).toBe(false);
  });
  it("folds accents and case away, so that a plain keyboard finds every name", () => {
    expect(fold("  ÓSCAR  José Ñandú ")).toBe("oscar jose nandu");
    fc.assert(fc.property(fc.string(), (value) => fold(fold(value)) === fold(value)));
  });
});

describe("phones", () => {
  it("read the ways people write a number as one number", () => {
    const ways = ["(512) 555-0113", "512.555.0113", "+1 512 555 0113", "1-512-555-0113", "5125550113"];
    expect(new Set(ways.map(normalizePhone))).toEqual(new Set(["+15125550113"]));
    expect(formatPhone("+15125550113")).toBe("(512) 555-0113");
    expect(["", "hello", "911", "512555"].map(normalizePhone)).toEqual([null, null, null, null]);
  });
});

describe("offense classes", () => {
  it("come from the printed level before the wording, and are never guessed", () => {
    expect(offenseClassOf("DRIVING WHILE INTOXICATED 2ND")).toBe("MA");
    expect(offenseClassOf("DRIVING WHILE INTOXICATED 2ND", "F3")).toBe("F3");
    expect(offenseClassOf("THEFT PROP", "State Jail Felony")).toBe("FS");
    expect(offenseClassOf("SOMETHING NOBODY LISTED")).toBe("unknown");
  });
});
