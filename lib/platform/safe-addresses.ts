import { BlockList, isIP } from "node:net";

/** Names of this machine. */
export const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/;

/** The address of `address:port` with an IPv6 address in brackets, or null. */
export function addressOf(server: string): string | null {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(server) ?? [];
  const address = v6 ?? v4 ?? "";
  const isServer = isIP(address) === (v6 ? 6 : 4) && Number(port) > 0 && Number(port) < 65_536;
  return isServer ? address : null;
}

const ownAddresses = new BlockList();
ownAddresses.addSubnet("127.0.0.0", 8);
ownAddresses.addAddress("0.0.0.0");
ownAddresses.addAddress("::", "ipv6");
ownAddresses.addAddress("::1", "ipv6");
/** Whether an address is this machine's own. */
export const isLoopback = (address: string): boolean =>
  ownAddresses.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** Whether a database at this host is on this machine: nothing lies in between that could read or answer. */
export const isHere = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|\/.*)$/.test(host);

/**
 * Whether a connection to this address cannot be read or answered by anybody in between: the driver checks the server's certificate and name, or the
 * server is this machine (a side-car that does it for us). Reads what the driver reads: of `host` and `sslmode` in the query the last counts.
 */
export function isSafeDatabase(address: string): boolean {
  const { hostname, searchParams } = new URL(address);
  return (
    isHere(searchParams.getAll("host").at(-1) || hostname) || searchParams.getAll("sslmode").at(-1) === "verify-full"
  );
}
