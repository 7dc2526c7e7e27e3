import type { ImportDto } from "@/lib/contracts/imports";
import { Icon } from "./icons";
import { countLines, importState, isWorking, keptWords } from "./import-words";
import { ProgressBar } from "./progress-bar";

/** Where an import is: the state in words, how far, and what became of the rows. */
export function ImportNow({ each }: { each: ImportDto }) {
  const { icon, tone, words } = importState(each);
  const kept = keptWords(each.kept);
  return (
    <div className="px-gutter pt-4 pb-3.5">
      <p role="status" className="num flex items-start gap-1.5 text-14 font-emph phone:text-16">
        <Icon name={icon} className={`mt-1 ${tone}`} />
        <span>
          {words}
          {each.state === "undone" && kept ? `; kept: ${kept}` : ""}
        </span>
      </p>
      {isWorking(each) ? (
        <ProgressBar
          label="Rows done"
          value={each.state === "undoing" ? each.withdrawn : each.rowsDone}
          max={each.state === "undoing" ? each.created : each.rowsTotal}
        />
      ) : null}
      {each.state === "undone" ? (
        <p className="mt-1 max-w-[66ch] text-ink-2">
          They are among the closed leads, and come back as new when a later list shows them again.
        </p>
      ) : null}
      {hasCounts(each) ? (
        <dl className="mt-3 grid max-w-[560px] grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-1.5">
          {countLines(each).map(({ label, count, why }) => (
            <div key={label} className="contents">
              <dt>
                {label}
                {why ? <small className="block text-12 text-ink-3 phone:text-13">{why}</small> : null}
              </dt>
              <dd className="num m-0 text-right font-emph">{count.toLocaleString("en-US")}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </div>
  );
}

const hasCounts = ({ state, failedAt, rowsDone }: ImportDto): boolean =>
  rowsDone > 0 && state !== "mapping" && !(state === "failed" && failedAt === "checking");
