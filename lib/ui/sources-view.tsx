import Link from "next/link";
import type { IngestRunDto } from "@/lib/contracts/ingest";
import { buttonClass } from "./button";
import { formatInstant } from "./format";
import { Icon } from "./icons";
import { PageHead } from "./page-head";
import { type SourceSummary, stateWords } from "./source-summary";
import { Empty, Partial } from "./states";
import { tableRoles } from "./table-roles";

type SourcesViewProps = {
  sources: readonly SourceSummary[];
  timeZone: string;
  now: string;
  /** Whether the reader may bring lists of the firm's own. */
  mayImport?: boolean;
};

const COUNTS = ["found", "new", "changed", "same", "rejected", "suppressed", "withdrawn"] as const;

/** Every source with its last good read and the account of its rows: found = new + changed + same + rejected + suppressed. */
export function SourcesView({ sources, timeZone, now, mayImport = false }: SourcesViewProps) {
  const troubled = sources.filter(({ state }) => state === "failed" || state === "late" || state === "partial");
  return (
    <>
      <PageHead title="Sources">
        {mayImport ? (
          <Link href="/imports" prefetch={false} className={buttonClass()}>
            Import a list
          </Link>
        ) : null}
      </PageHead>
      <p className="border-b border-line px-gutter pt-1 pb-3 text-ink-2">
        Where leads come from, and whether every row of the last reading is accounted for.
      </p>
      {troubled.map((source) => (
        <Partial
          key={source.source}
          title={`${source.label}: ${stateWords(source, now)}.`}
          isError={source.state === "failed"}
        >
          {source.latest.error ?? "Nothing is lost; its counts may rise with the next reading."}
        </Partial>
      ))}
      {sources.length === 0 ? (
        <Empty title="No source was read yet">
          A scraper opens a run here with the firm’s API key. Leads posted straight to the API need no run.
        </Empty>
      ) : (
        <div className="overflow-x-auto px-gutter py-4">
          <table className="tb stack accounts" {...tableRoles.table}>
            <caption className="sr-only">Sources and the rows of their last run</caption>
            <thead {...tableRoles.group}>
              <tr {...tableRoles.row}>
                <Head>Source</Head>
                <Head>State</Head>
                <Head>Last run</Head>
                {COUNTS.map((count) => (
                  <Head key={count} isFigure>
                    {count}
                  </Head>
                ))}
              </tr>
            </thead>
            <tbody {...tableRoles.group}>
              {sources.map((source) => (
                <SourceRow key={source.source} source={source} timeZone={timeZone} now={now} />
              ))}
            </tbody>
          </table>
          <p className="mt-3 text-12 text-ink-3 phone:text-13">
            Found = new + changed + same + rejected + suppressed. A form counts as withdrawn after two complete lists
            without it.
          </p>
        </div>
      )}
    </>
  );
}

function Head({ children, isFigure = false }: { children: string; isFigure?: boolean }) {
  return (
    <th scope="col" className={isFigure ? "r capitalize" : undefined} {...tableRoles.head}>
      {children}
    </th>
  );
}

function SourceRow({ source, timeZone, now }: { source: SourceSummary } & Omit<SourcesViewProps, "sources">) {
  const { latest } = source;
  const isFine = source.state === "read" || source.state === "running";
  return (
    <tr {...tableRoles.row}>
      <td className="wide font-emph" {...tableRoles.cell}>
        {source.label} <span className="ref font-text text-ink-3">{source.source}</span>
      </td>
      <td className="wide" {...tableRoles.cell}>
        <span className="inline-flex items-start gap-1.5">
          <Icon name={isFine ? "qualified" : "warn"} className={`mt-0.5 ${isFine ? "text-good" : "text-warm"}`} />
          {stateWords(source, now)}
        </span>
      </td>
      <td className="wide text-ink-2" {...tableRoles.cell}>
        <time dateTime={latest.startedAt}>{formatInstant(latest.startedAt, timeZone, now)}</time>
      </td>
      {COUNTS.map((count) => (
        <td key={count} className="r" {...tableRoles.cell}>
          <Count run={latest} count={count} />
        </td>
      ))}
    </tr>
  );
}

/* On a phone the heads are gone, so each figure brings its word. */
function Count({ run, count }: { run: IngestRunDto; count: (typeof COUNTS)[number] }) {
  return (
    <>
      <span className="hidden text-ink-3 phone:inline">{count} </span>
      {run[count]?.toLocaleString("en-US") ?? "–"}
    </>
  );
}
