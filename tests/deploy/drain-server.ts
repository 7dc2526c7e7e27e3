// A process of its own for tests/deploy/drain.test.ts: a server that never answers, with the time it has to leave as its argument. Prints its port. Its handler of
// SIGTERM is the one that Next installs.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { drainBeforeEnding } from "@/lib/http/drain";

const server = http.createServer(() => process.stdout.write("asked\n"));
process.on("SIGTERM", () => server.close(() => process.exit(143)));
drainBeforeEnding(Number(process.argv[2]));
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
