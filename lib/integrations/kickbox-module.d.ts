// The kickbox package brings no types. What we call, read in kickbox 2.0.4.
declare module "kickbox" {
  type Reply = { body: unknown; code: number; headers: Record<string, string> };
  type Callback = (error: (Error & { code?: unknown }) | null, reply?: Reply) => void;
  type Client = { kickbox(): { verify(email: string, options: { timeout?: number }, callback: Callback): void } };
  const kickbox: { client(key: string, options: { base?: string; api_version?: string }): Client };
  export default kickbox;
}
