import { describe, expect, it } from "vitest";
import { OPEN_STATUSES } from "@/lib/core/lead-status";
import { filterChips, leadQuery, leadsHref } from "@/lib/ui/lead-query";
import { ANY_LEAD } from "./sample-lead";

describe("the filter in the URL", () => {
  it("leaves out everything that is a default", () => {
    expect(leadQuery(ANY_LEAD)).toBe("");
    expect(leadsHref({ ...ANY_LEAD, sort: "score", dir: "desc" })).toBe("/leads");
  });

  it("is what a plain form would send: lists as repeated keys", () => {
    const filter = {
      ...ANY_LEAD,
      status: ["new", "reviewed"],
      county: ["El Paso"],
      q: "D&A 50%",
      from: "2026-03-01",
    } as const;
    expect(leadQuery({ ...filter, status: [...filter.status], county: [...filter.county] })).toBe(
      "?status=new&status=reviewed&county=El+Paso&from=2026-03-01&q=D%26A+50%25",
    );
  });

  it("names each part as a chip, and each chip knows the filter without it", () => {
    const chips = filterChips({
      ...ANY_LEAD,
      status: [...OPEN_STATUSES],
      county: ["Hays", "Travis"],
      band: ["hot"],
      q: "dwi",
    });
    expect(chips.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "County Hays, Travis",
      "Band Hot",
      "Status any open",
    ]);
    expect(leadQuery(chips[1]?.without ?? {})).not.toContain("band");
    expect(leadQuery(chips[1]?.without ?? {})).toContain("q=dwi");
  });

  it("shows a range of days with the field it is about", () => {
    const [chip] = filterChips({ ...ANY_LEAD, dateField: "arrested", from: "2026-03-01", to: "2026-03-05" });
    expect(`${chip?.name} ${chip?.value}`).toBe("Arrested Mar 1, 2026 to Mar 5, 2026");
  });
});
