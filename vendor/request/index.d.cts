/** What the kickbox client would not pass on. Header names are in lower case. */
type Reply = { statusCode: number; headers: Record<string, string> };

type Options = {
  url: string;
  qs?: Record<string, string>;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
};

declare function request(
  options: Options,
  callback: (error: (Error & { code?: string }) | null, response?: Reply, text?: string) => void,
): void;

declare namespace request {
  /** Gives every request made inside `call` these limits, and its reply to `onReply`. */
  function scoped<T>(
    settings: {
      timeoutMs?: number;
      maxBytes?: number;
      more?: Record<string, string>;
      onReply?: (reply: Reply) => void;
    },
    call: () => T,
  ): T;
}

export = request;
