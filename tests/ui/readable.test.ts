import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readableName, readableOffense } from "@/lib/ui/readable";

describe("names as people write them", () => {
  it.each([
    ["QUASIMODEL, BARTHOLOMEW ANTHONY", "Quasimodel, Bartholomew Anthony"],
    ["O'SAMPLE-TESTA, WREN JR.", "O'Sample-Testa, Wren Jr."],
    ["STANDIN, TOMÁS BELLE III", "Standin, Tomás Belle III"],
    ["MCMOCK, DARA", "McMock, Dara"],
    ["Van der Mock, Niall", "Van der Mock, Niall"],
  ])("shows %s as %s", (printed, shown) => expect(readableName(printed)).toBe(shown));

  it("never changes more than the case of letters", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-ZÀ-ÖØ-Þ0-9 ,.'<>=/-]*$/), (text) => {
        expect(readableName(text).toUpperCase()).toBe(text.toUpperCase());
        expect(readableOffense(text).toUpperCase()).toBe(text.toUpperCase());
      }),
    );
  });
});

describe("offenses as sentences", () => {
  it.each([
    ["EVADING ARREST DET W/VEH", "Evading arrest det w/veh"],
    ["POSS CS PG 1 <1G", "Poss CS PG 1 <1G"],
    ["DWI W/CHILD UNDER 15 YOA", "DWI w/child under 15 YOA"],
    ["DRIVING WHILE INTOXICATED 2ND", "Driving while intoxicated 2nd"],
    ["BURGLARY OF HABITATION - F2", "Burglary of habitation - F2"],
    ["POSS MARIJ <2OZ", "Poss marij <2oz"],
    ["DWI 2nd", "DWI 2nd"],
  ])("shows %s as %s", (printed, shown) => expect(readableOffense(printed)).toBe(shown));
});
