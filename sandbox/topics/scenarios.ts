import type { Scenario } from "./scenario";
import { BAIL_SCENARIOS } from "./scenarios/bail";
import { PAGE_SCENARIOS } from "./scenarios/pages";
import { PEOPLE_SCENARIOS } from "./scenarios/people";

/**
 * Every day the TOPICs stand-in can play, by name. The days stand in three rooms: what happens to bail, who the people are, and how the
 * site itself behaves. `demo-day` is no entry here: it follows the clock (`demo-day.ts`).
 */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...BAIL_SCENARIOS,
  ...PEOPLE_SCENARIOS,
  ...PAGE_SCENARIOS,
};
