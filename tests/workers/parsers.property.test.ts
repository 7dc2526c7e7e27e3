import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IngestLead } from "@/lib/contracts/ingest";
import { fromWallTime, localDate, parseZonedWallTime, toWallTime } from "@/lib/core/local-time";
import { evenSpaces, parsePersonName } from "@/lib/core/person-name";
import { PageChanged } from "@/workers/sources/errors";
import { decodeEntities } from "@/workers/sources/topics/entities";
import { parseBail } from "@/workers/sources/topics/parse-bail";
import { parseDetail } from "@/workers/sources/topics/parse-detail";
import { parseList } from "@/workers/sources/topics/parse-list";
import { toLead } from "@/workers/sources/topics/to-lead";

const escapeHtml = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

const page = (offense: string, magistrate = "X", type = "Surety", amount = "$5.00") => `<html><body><table>
<tr><th class="po-d">Arrest Date :</th><td><span>8/9/2024 9:37:00 AM</span> <span>CDT</span></td></tr>
<tr><th class="po-d">Magistrate :</th><td>${escapeHtml(magistrate)}</td></tr>
<tr><th class="po-d">Magistration Date :</th><td></td></tr></table>
<div class="po-bottom"><div class="row">${["Offense", "Bail Type", "Bail Amount", "Cause Number"].map((t) => `<div><h4>${t}</h4></div>`).join("")}</div></div>
<div class="po-bottom"><div class="row"><div>${escapeHtml(offense)}</div><div>${escapeHtml(type)}</div><div>${escapeHtml(amount)}</div><div></div></div></div>
<div class="po-bottom"><h5>Bail Conditions? No</h5></div></body></html>`;

/** Text of any kind: any code unit, and much of what pages are made of. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      ";",
      "#",
      "a",
      " ",
      "\u00a0",
      "\ufffd",
      "é",
      "\ud800",
      "\u0000",
      "=",
      ",",
      "-",
    ),
  }),
);
/** What a text must read as after its journey: even spaces, no lone surrogates. */
const printed = (text: string) => evenSpaces(text.toWellFormed());

/** Pages made of the pieces that the parser looks for, in any order and any number. */
const brokenPage = fc
  .array(
    fc.oneof(
      anyText,
      fc.constantFrom(
        '<th class="po-d">',
        "Arrest Date :",
        "Magistrate",
        "</th>",
        "<td>",
        "</td>",
        '<div class="po-bottom">',
        '<div class="row">',
        "<div>",
        "</div>",
        "<h4>",
        "Offense",
        "Bail Type",
        "Bail Amount",
        "Cause Number",
        "</h4>",
        "<h5>",
        "Bail Conditions?",
        "</h5>",
        "<script>",
        "</script>",
        "<!--",
        "$1.00",
        "8/9/2024 9:37:00 AM",
        "<span>",
        "&#0;",
        "&#xD800;",
      ),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""));

function quietly<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PageChanged) return null;
    throw error;
  }
}

describe("parsing a form", () => {
  it("throws nothing but PageChanged, whatever the page", () => {
    fc.assert(
      fc.property(brokenPage, (html) => void quietly(() => parseDetail(html, "America/Chicago"))),
      { numRuns: 2000 },
    );
  });

  it("throws nothing but PageChanged when a good page is cut or patched anywhere", () => {
    const good = page("THEFT", "Hon. X");
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(40), anyText, (from, length, patch) => {
        const form = quietly(() =>
          parseDetail(good.slice(0, from) + patch + good.slice(from + length), "America/Chicago"),
        );
        if (form) expect(form.charges.length).toBeGreaterThan(0);
      }),
      { numRuns: 1500 },
    );
  });

  it("makes nothing of any page that was cut off", () => {
    const good = page("THEFT");
    const end = good.lastIndexOf("</div>");
    for (let at = 0; at < end; at += 1)
      expect(quietly(() => parseDetail(good.slice(0, at), "America/Chicago"))).toBeNull();
  });

  it("gives back any offense and magistrate that was escaped into the page", () => {
    fc.assert(
      fc.property(anyText, anyText, (offense, magistrate) => {
        const form = quietly(() => parseDetail(page(offense, magistrate), "America/Chicago"));
        const wanted = printed(offense.toWellFormed());
        if (form === null) {
          expect(wanted).toBe("");
          return;
        }
        expect(form.charges[0]?.offense).toBe(wanted.slice(0, 500).trim().toWellFormed());
        expect(form.magistrate ?? "").toBe(printed(magistrate).slice(0, 200).trim());
      }),
      { numRuns: 2000 },
    );
  });

  it("makes only leads that the wire accepts", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (name, offense, type) => {
        const listing = quietly(() =>
          parseList(JSON.stringify({ data: [[name, "", "Travis County", offense, "1"]] }), "Travis"),
        );
        const row = listing?.rows[0];
        const form = quietly(() => parseDetail(page(offense, "X", type), "America/Chicago"));
        const lead =
          row &&
          form &&
          quietly(() => toLead(row, form, "Travis", "https://topics.txcourts.gov/BailPublic/BailPublic/1"));
        if (lead) expect(IngestLead.safeParse(lead).error).toBeUndefined();
      }),
      { numRuns: 1500 },
    );
  });
});

describe("parsing a list", () => {
  it("throws nothing but PageChanged, and loses no usable name", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            anyText,
            anyText,
            fc.constantFrom("Travis County", "Hays", ""),
            anyText,
            fc.constantFrom("1", "2", "x"),
          ),
        ),
        (rows) => {
          const listing = quietly(() => parseList(JSON.stringify({ data: rows }), "Travis"));
          for (const row of listing?.rows ?? []) {
            const sent = rows.filter((each) => each[4] === row.id).map((each) => printed(decodeEntities(each[0])));
            expect(sent).toContain(row.name);
          }
        },
      ),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), (body) => void quietly(() => parseList(body, "Travis"))),
      { numRuns: 1000 },
    );
  });

  it("decodes what was escaped exactly once", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeEntities(escapeHtml(text.toWellFormed()))).toBe(text.toWellFormed());
      }),
    );
  });
});

describe("bail", () => {
  it("tells an amount, zero, denied, not set and blank apart, whatever the spelling", () => {
    const words = {
      denied: ["Denied", "No Bond", "NO BAIL"],
      not_set: ["Not Set", "not yet set", "No bond information available"],
    };
    const mixed = (text: string) => fc.mixedCase(fc.constant(text));
    fc.assert(
      fc.property(
        fc.constantFrom(...words.denied).chain(mixed),
        fc.constantFrom("", "$0.00", "$5,000.00"),
        (word, amount) => {
          expect(parseBail(word, amount)).toEqual({ bailType: "denied" });
          expect(parseBail("Surety", word)).toEqual({ bailType: "denied" });
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...words.not_set).chain(mixed), (word) => {
        expect(parseBail(word, "")).toEqual({ bailType: "not_set" });
        expect(parseBail("Surety", word)).toEqual({ bailType: "not_set" });
      }),
    );
    fc.assert(
      fc.property(fc.nat(9_999_999_999), (cents) => {
        const text = `$${Math.trunc(cents / 100).toLocaleString("en-US")}.${String(cents % 100).padStart(2, "0")}`;
        expect(parseBail("Cash", text)).toEqual({ bailType: "cash", bailCents: cents });
        expect(parseBail("", text)).toEqual({ bailCents: cents });
      }),
    );
    expect(parseBail("", "")).toEqual({});
  });
});

describe("names", () => {
  it("loses no letter and never makes up a part", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parsePersonName(text);
        const letters = (value: string) => [...value.replace(/[\s,.]/g, "")].sort().join("");
        const { full, ...parts } = name;
        expect(letters(Object.values(parts).join(""))).toBe(letters(full));
        expect(full).toBe(evenSpaces(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["DOE, JOHN ALLEN", { first: "JOHN", middle: "ALLEN", last: "DOE" }],
    ["DOE, JOHN ALLEN III", { first: "JOHN", middle: "ALLEN", last: "DOE", suffix: "III" }],
    ["DOE JR., JOHN", { first: "JOHN", last: "DOE", suffix: "JR" }],
    ["DOE, JOHN, SR", { first: "JOHN", last: "DOE", suffix: "SR" }],
    [", JOHN", { first: "JOHN", last: "" }],
    ["JOHN ALLEN DOE", { first: "JOHN", middle: "ALLEN", last: "DOE" }],
    ["JUAN DE LA CRUZ", { first: "JUAN", last: "DE LA CRUZ" }],
    ["DE LA CRUZ GARCÍA, MARÍA", { first: "MARÍA", last: "DE LA CRUZ GARCÍA" }],
    ["NU\ufffdEZ,ZO\ufffd", { first: "ZO\ufffd", last: "NU\ufffdEZ" }],
    ["NOTREAL", { last: "NOTREAL" }],
  ])("%s", (text, parts) => {
    expect(parsePersonName(text)).toEqual({ full: text, ...parts });
  });
});

describe("local time", () => {
  const zones = fc.constantFrom("America/Chicago", "America/Denver");
  it("comes back from any instant by its wall time, except in the repeated hour", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1990-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
        zones,
        (date, zone) => {
          const instant = new Date(Math.floor(date.getTime() / 1000) * 1000);
          const back = fromWallTime(toWallTime(instant, zone), zone);
          const distance = instant.getTime() - back.getTime();
          // The second of two equal readings is read as the first.
          expect([0, 3_600_000]).toContain(distance);
          expect(toWallTime(back, zone)).toEqual(toWallTime(instant, zone));
        },
      ),
    );
  });

  it("honours the suffix in the gap and in the fold", () => {
    const at = (text: string, suffix: string) => parseZonedWallTime(text, suffix)?.toISOString();
    expect(at("11/1/2026 1:30:00 AM", "CDT")).toBe("2026-11-01T06:30:00.000Z");
    expect(at("11/1/2026 1:30:00 AM", "CST")).toBe("2026-11-01T07:30:00.000Z");
    expect(at("11/1/2026 1:30:00 AM", "")).toBe("2026-11-01T06:30:00.000Z");
    expect(at("3/8/2026 2:30:00 AM", "CST")).toBe("2026-03-08T08:30:00.000Z");
    expect(at("3/8/2026 2:30:00 AM", "")).toBe("2026-03-08T08:30:00.000Z");
    expect(parseZonedWallTime("3/8/2026 2:30:00 AM", "", "America/Denver")?.toISOString()).toBe(
      "2026-03-08T09:30:00.000Z",
    );
  });

  it("takes no day, hour or zone that does not exist", () => {
    for (const text of [
      "2/30/2026 1:00:00 AM",
      "13/1/2026 1:00:00 AM",
      "1/1/2026 13:00:00 PM",
      "1/1/2026 1:60:00 AM",
      "soon",
      "",
    ]) {
      expect(parseZonedWallTime(text, "CST")).toBeNull();
    }
    expect(parseZonedWallTime("1/1/2026 1:00:00 AM", "XYZ")).toBeNull();
  });

  it("names the local day", () => {
    expect(localDate(new Date("2026-03-11T02:37:00Z"), "America/Chicago")).toBe("2026-03-10");
  });
});
