import type { Scenario } from "./scenario";
import { form } from "./scenarios/forms";

export const SCENARIOS: Record<string, Scenario> = {
  "one-offense": { description: "One form, one offense, one cause number.", steps: [{ forms: [form("9000001")] }] },
};
