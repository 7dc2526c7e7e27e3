import type { Fault } from "../http/faults";
import type { Form } from "./form";

/** How the list answers when it does not simply answer. */
export type ListStyle =
  | "rows"
  | "shuffled"
  | "columns-swapped"
  | "repeated-rows"
  | "empty"
  | "data-missing"
  | "html-error"
  | "signed-out";

/** How the detail page differs from the usual one. */
export type DetailStyle = "usual" | "label-renamed" | "columns-swapped" | "titles-renamed" | "html-error" | "gone";

/** One observation: what the site shows until the scenario is advanced. */
export type Step = {
  forms: readonly Form[];
  list?: ListStyle;
  detail?: DetailStyle;
  /** Played on this county's list (or detail, by `on`) as often as its count says, then the step answers as usual. */
  fault?: Fault & { on?: "list" | "detail" };
};

export type Scenario = { description: string; steps: readonly Step[] };
