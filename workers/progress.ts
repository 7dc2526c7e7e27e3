import { SingleBar } from "cli-progress";
import { type LogFields, log } from "@/lib/platform/log";

/** Where a run says how it goes. Messages name firms, sources and landmarks, never a person. */
export interface Reporter {
  /** `total` details are about to be fetched. */
  begin(label: string, total: number): void;
  tick(): void;
  end(): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** JSON lines, for cron, containers and Lambda: one line per twentieth of the way. */
export function lineReporter(source: string): Reporter {
  let done = 0;
  let total = 0;
  return {
    begin(label, of) {
      [done, total] = [0, of];
      log.info(`reading ${label}`, { event: "scrape.begun", source, count: of });
    },
    tick() {
      done += 1;
      const step = Math.max(1, Math.ceil(total / 20));
      if (done % step === 0 || done === total)
        log.info(`read ${done} of ${total}`, { event: "scrape.progress", source, count: done });
    },
    end: () => {},
    info: (message, fields) => log.info(message, { source, ...fields }),
    warn: (message, fields) => log.warn(message, { source, ...fields }),
    error: (message, fields) => log.error(message, { source, ...fields }),
  };
}

/** A bar on a terminal; warnings and errors print above it. */
function barReporter(out: NodeJS.WriteStream): Reporter {
  let bar: SingleBar | undefined;
  const say = (message: string) => {
    if (bar) out.write("\r\u001b[K");
    out.write(`${message}\n`);
  };
  return {
    begin(label, total) {
      if (total === 0) return say(`${label}: nothing is due`);
      bar = new SingleBar({
        format: `${label} [{bar}] {value}/{total} forms, {eta_formatted} left`,
        stream: out,
        hideCursor: true,
      });
      bar.start(total, 0);
    },
    tick: () => bar?.increment(),
    end() {
      bar?.stop();
      bar = undefined;
    },
    info: () => {},
    warn: say,
    error: say,
  };
}

/** The bar when somebody is looking, lines otherwise. */
export const reporterFor = (source: string, out: NodeJS.WriteStream = process.stderr): Reporter =>
  out.isTTY ? barReporter(out) : lineReporter(source);
