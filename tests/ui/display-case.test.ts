import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayName, displayOffense } from "@/lib/ui/display-case";

describe("text that a court printed in capitals", () => {
  it("is shown as people write names", () => {
    const names = [
      "FICTUS, ROWAN ELLIS",
      "O'SAMPLE-TESTA, WREN III",
      "MCMOCK, ÓSCAR JR",
      "VAN DER MOCK, NIALL",
      ", JOHN",
    ];
    expect(names.map(displayName)).toEqual([
      "Fictus, Rowan Ellis",
      "O'Sample-Testa, Wren III",
      "McMock, Óscar Jr",
      "Van Der Mock, Niall",
      ", John",
    ]);
  });

  it("is shown as sentences for offenses, abbreviations kept", () => {
    const offenses = [
      "DRIVING WHILE INTOXICATED 2ND",
      "DWI W/CHILD UNDER 15 YOA",
      "POSS CS PG 1 <1G",
      "EVADING ARREST DET W/VEH",
      "MAN DEL CS PG 1 >=4G<200G",
    ];
    expect(offenses.map(displayOffense)).toEqual([
      "Driving while intoxicated 2nd",
      "DWI w/child under 15 yoa",
      "Poss CS PG 1 <1G",
      "Evading arrest det w/veh",
      "Man del CS PG 1 >=4G<200G",
    ]);
  });

  it("changes letter case and nothing else, and leaves what is not shouted alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ABCÓÑ ',-</\u0041\u00c9".split("")) }), (text) => {
        expect(displayName(text).toUpperCase()).toBe(text.toUpperCase());
        expect(displayOffense(text).toUpperCase()).toBe(text.toUpperCase());
      }),
    );
    expect(displayName("de la Ejemplo, Mateo")).toBe("de la Ejemplo, Mateo");
    expect(displayOffense("DWI 2nd")).toBe("DWI 2nd");
  });
});
