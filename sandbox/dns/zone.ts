/** How the name server answers for a name. The README says what each looks like on the wire. */
export const DNS_ANSWERS = ["usual", "nxdomain", "servfail", "silence", "garbage", "oversized", "truncated"] as const;
export type DnsAnswer = (typeof DNS_ANSWERS)[number];

const EVERY_NAME = "*";

/** Everything that the stand-in's name server knows: TXT records by name, and which names it answers otherwise than usual. */
export class DnsZone {
  #texts = new Map<string, string[]>();
  #answers = new Map<string, DnsAnswer>();

  /** The TXT records of a name from now on; none takes the name away. */
  set(name: string, texts: readonly string[]): void {
    if (texts.length === 0) this.#texts.delete(fold(name));
    else this.#texts.set(fold(name), [...texts]);
  }

  /** How a name, or with no name every one, is answered from now on. */
  answer(answer: DnsAnswer, name: string = EVERY_NAME): void {
    if (answer === "usual") this.#answers.delete(fold(name));
    else this.#answers.set(fold(name), answer);
  }

  texts(name: string): readonly string[] {
    return this.#texts.get(fold(name)) ?? [];
  }

  answerTo(name: string): DnsAnswer {
    return this.#answers.get(fold(name)) ?? this.#answers.get(EVERY_NAME) ?? "usual";
  }

  /** A name exists when it has records or something below it has: asking for it is then no NXDOMAIN. */
  exists(name: string): boolean {
    const asked = fold(name);
    return [...this.#texts.keys()].some((each) => each === asked || each.endsWith(`.${asked}`));
  }

  list(): { records: Record<string, string[]>; answers: Record<string, DnsAnswer> } {
    return { records: Object.fromEntries(this.#texts), answers: Object.fromEntries(this.#answers) };
  }

  clear(): void {
    this.#texts.clear();
    this.#answers.clear();
  }
}

const fold = (name: string): string => name.toLowerCase().replace(/\.$/, "");
