export type LoggedRequest = {
  at: string;
  vendor: string;
  method: string;
  /** Path with its query, API keys taken out. */
  path: string;
  /** Null when the connection ended before a status was sent. */
  status: number | null;
  durationMs: number;
  /** What the caller calls the request that its own began with. */
  requestId?: string;
  /** What the answer said of when to ask again. */
  retryAfter?: string;
};

export type VendorTotals = {
  requests: number;
  byStatus: Record<string, number>;
  inFlight: number;
  peakInFlight: number;
};

const KEPT = 10_000;

/** What was asked of the stand-ins: the last requests one by one, and totals since the last reset. */
export class RequestLog {
  #kept: LoggedRequest[] = [];
  #totals = new Map<string, VendorTotals>();

  begin(vendor: string): void {
    const totals = this.totals(vendor);
    totals.requests += 1;
    totals.inFlight += 1;
    totals.peakInFlight = Math.max(totals.peakInFlight, totals.inFlight);
  }

  end(request: LoggedRequest): void {
    const totals = this.totals(request.vendor);
    totals.inFlight -= 1;
    const status = String(request.status ?? "none");
    totals.byStatus[status] = (totals.byStatus[status] ?? 0) + 1;
    this.#kept.push({ ...request, path: request.path.replace(/([?&]apikey=)[^&]*/i, "$1[hidden]") });
    // Cut in blocks, so that a long run does not shift an array at every request.
    if (this.#kept.length > KEPT * 1.2) this.#kept = this.#kept.slice(-KEPT);
  }

  totals(vendor: string): VendorTotals {
    let totals = this.#totals.get(vendor);
    if (!totals) {
      totals = { requests: 0, byStatus: {}, inFlight: 0, peakInFlight: 0 };
      this.#totals.set(vendor, totals);
    }
    return totals;
  }

  allTotals(): Record<string, VendorTotals> {
    return Object.fromEntries(this.#totals);
  }

  last(vendor: string | null, limit: number): LoggedRequest[] {
    return this.#kept.filter((each) => vendor === null || each.vendor === vendor).slice(-limit);
  }

  /** Requests on their way stay counted as on their way. */
  reset(): void {
    this.#kept = [];
    for (const totals of this.#totals.values()) {
      Object.assign(totals, { requests: 0, byStatus: {}, peakInFlight: totals.inFlight });
    }
  }
}
