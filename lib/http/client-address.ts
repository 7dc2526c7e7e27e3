import { isIP } from "node:net";

/**
 * The address a request came from, for limits only. `guardRequests` has written it over X-Forwarded-For, of which a client could have sent anything.
 * IPv6 counts by its /64, which is what one household gets.
 */
export function clientAddress(headers: Pick<Headers, "get">): string {
  const last = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "";
  if (isIP(last) === 4) return last;
  if (isIP(last) !== 6) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(last);
  return mapped?.[1] ?? prefixOf(last);
}

function prefixOf(address: string): string {
  const [left = "", right = ""] = address.split("%")[0]?.split("::") ?? [];
  const head = left.split(":").filter(Boolean);
  const tail = right.split(":").filter(Boolean);
  const zeros = address.includes("::") ? new Array(Math.max(0, 8 - head.length - tail.length)).fill("0") : [];
  return `${[...head, ...zeros, ...tail]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
