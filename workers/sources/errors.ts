/** A page that does not prove itself: a landmark is missing or reads differently. Nothing is ever made of such a page. */
export class PageChanged extends Error {
  /** What was looked for: `label Arrest Date`, `offense titles`. Never holds a value from the page. */
  readonly landmark: string;

  constructor(landmark: string, detail: string) {
    super(`page changed: ${landmark}: ${detail}`);
    this.name = "PageChanged";
    this.landmark = landmark;
  }
}

/** The site does not want us, or we decided not to ask: every request stops until a person has looked. */
export class SourceRefused extends Error {
  override readonly name = "SourceRefused";
}

/** The day's request budget of a host is used up. What is left waits for tomorrow. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}
