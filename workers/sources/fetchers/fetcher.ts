import type { Page } from "../source";

/** What a source asks for. With `form` it is a POST of those fields. */
export type PageRequest = {
  url: string;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** The page whose own script sends this request: a browser opens it and listens, because only there is a session. */
  viaPage?: string;
  maxBytes?: number;
};

/**
 * Brings pages, by HTTP or with a browser. Redirects come back as the page they are. Failures are `VendorError`s by kind, and
 * `SourceRefused` when the site or a hold says no.
 */
export interface Fetcher {
  fetch(request: PageRequest): Promise<Page>;
  close(): Promise<void>;
}

/** What every single request passes before it goes out: holds, quiet times, robots.txt, pace and budget. */
export interface Gate {
  readonly userAgent: string;
  enter(url: string): Promise<void>;
}
