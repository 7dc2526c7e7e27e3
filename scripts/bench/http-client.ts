import http from "node:http";

type Sent = { key?: string; body?: Buffer };
export type Answer = { status: number; bytes: Buffer };

/** One client of the web server over connections that it keeps open, like a scraper or a program of a firm. */
export class HttpClient {
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(private readonly port: number) {}

  async get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.#ask("GET", path, sent);
  }

  /** A POST that must succeed. */
  async post<T>(path: string, key: string, body: Buffer): Promise<T> {
    const { status, bytes } = await this.#ask("POST", path, { key, body });
    if (status !== 200) throw new Error(`${status} from POST ${path}: ${bytes.toString("utf8", 0, 500)}`);
    return JSON.parse(bytes.toString("utf8")) as T;
  }

  /** A GET that must succeed. */
  async read<T>(path: string, key: string): Promise<T> {
    const { status, bytes } = await this.get(path, { key });
    if (status !== 200) throw new Error(`${status} from GET ${path}: ${bytes.toString("utf8", 0, 500)}`);
    return JSON.parse(bytes.toString("utf8")) as T;
  }

  /** The response as soon as its headers are there, to read or to abandon. */
  open(method: string, path: string, { key, body }: Sent = {}): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = {
        host: `localhost:${this.port}`,
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body ? { "content-type": "application/json", "content-length": body.length } : {}),
      };
      const request = http.request({ host: "127.0.0.1", port: this.port, method, path, headers, agent: this.#agent });
      request.on("response", resolve);
      request.on("error", reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, sent: Sent): Promise<Answer> {
    const response = await this.open(method, path, sent);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) };
  }
}
