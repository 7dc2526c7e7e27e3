import { createSocket, type Socket } from "node:dgram";
import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import type { RequestLog } from "../http/request-log";
import type { DnsZone } from "./zone";

export type DnsServer = { address: string; close(): Promise<void> };

const FLAGS = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | RECURSION_DESIRED;
/** The reply codes in the low bits of the flags. */
const SERVFAIL = 2;
const NXDOMAIN = 3;
const GARBAGE = Buffer.from("half a reply \u0000\uFFFD");
/** Texts of an `oversized` reply: near the most that one datagram can carry. */
const MANY_TEXTS = 600;

/** A name server over UDP on 127.0.0.1; on `port`, or on a free one when another program has it and `isFixed` is not said. */
export async function startDns(
  zone: DnsZone,
  log: RequestLog,
  { port, isFixed }: { port: number; isFixed: boolean },
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  socket.on("message", (message, peer) => {
    const reply = answer(zone, log, message);
    if (reply) socket.send(reply, peer.port, peer.address);
  });
  await bind(socket, port).catch((problem: NodeJS.ErrnoException) => {
    if (isFixed || problem.code !== "EADDRINUSE") throw problem;
    return bind(socket, 0);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const bind = (socket: Socket, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", () => {
      socket.removeListener("error", reject);
      resolve();
    });
  });

function answer(zone: DnsZone, log: RequestLog, message: Buffer): Buffer | null {
  const query = read(message);
  const question = query?.questions?.[0];
  if (!query || !question) return null;
  const began = performance.now();
  log.begin("dns");
  const { reply, status } = replyTo(zone, query, question);
  const durationMs = Math.round(performance.now() - began);
  const path = `${question.type} ${question.name}`;
  log.end({ at: new Date().toISOString(), vendor: "dns", method: "QUERY", path, status, durationMs });
  return reply;
}

/** `status` is the reply code for the log; null where nothing is sent. */
function replyTo(
  zone: DnsZone,
  query: DecodedPacket,
  question: Question,
): { reply: Buffer | null; status: number | null } {
  const send = (texts: readonly string[], flags = 0) => ({
    status: flags & 15,
    reply: encode({
      type: "response",
      id: query.id,
      flags: FLAGS | flags,
      questions: [question],
      answers: texts.map((text) => ({ type: "TXT", name: question.name, ttl: 0, data: pieces(text) })),
    }),
  });
  switch (zone.answerTo(question.name)) {
    case "silence":
      return { reply: null, status: null };
    case "garbage":
      return { reply: GARBAGE, status: null };
    case "nxdomain":
      return send([], NXDOMAIN);
    case "servfail":
      return send([], SERVFAIL);
    case "truncated":
      return send([], TRUNCATED_RESPONSE);
    case "oversized":
      return send(
        Array.from({ length: MANY_TEXTS }, (_, at) => `nothing of interest, number ${at}, ${"x".repeat(40)}`),
      );
    case "usual":
      if (!zone.exists(question.name)) return send([], NXDOMAIN);
      return send(question.type === "TXT" ? zone.texts(question.name) : []);
  }
}

/** A text of more than 255 bytes goes out in pieces, as the format demands. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,200}/g) ?? [""];

function read(message: Buffer): DecodedPacket | null {
  try {
    return decode(message);
  } catch {
    return null;
  }
}
