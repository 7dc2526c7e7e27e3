import type { Form, FormOffense } from "../form";

/** A form to start from; a scenario names only what it is about. */
export const form = (id: string, changes: Partial<Form> = {}): Form => ({
  id,
  name: "FICTUS, ROWAN ELLIS",
  county: "Travis",
  arrest: { at: "3/10/2026 9:37:00 PM", zone: "CDT" },
  magistrate: "Hon. Prudence Gavelmock",
  magistration: { at: "3/11/2026 6:05:00 AM", zone: "CDT" },
  agency: "Sample City Police Department",
  offenses: [line("DRIVING WHILE INTOXICATED 2ND", "Surety", "$4,000.00", "C-1-CR-26-201234")],
  conditions: "Yes",
  ...changes,
});

export const line = (offense: string, bailType: string, bailAmount: string, causeNumber: string): FormOffense => ({
  offense,
  bailType,
  bailAmount,
  causeNumber,
});
