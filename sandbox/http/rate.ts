import { performance } from "node:perf_hooks";

/** Lets through a number of requests in any one second, as a vendor's limit does. Without a number everything passes. */
export class RateLimit {
  #perSecond: number | null = null;
  #passed: number[] = [];

  set(perSecond: number | null): void {
    this.#perSecond = perSecond;
    this.#passed = [];
  }

  get perSecond(): number | null {
    return this.#perSecond;
  }

  /** True when this request is within the limit, and counts it. A refused one is not counted: it costs the vendor nothing. */
  pass(now = performance.now()): boolean {
    if (this.#perSecond === null) return true;
    while (this.#passed[0] !== undefined && this.#passed[0] <= now - 1000) this.#passed.shift();
    if (this.#passed.length >= this.#perSecond) return false;
    this.#passed.push(now);
    return true;
  }
}
