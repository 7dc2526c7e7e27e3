import Link from "next/link";
import type { LeadDto, LeadFilter, LeadSort } from "@/lib/contracts/leads";
import { Icon } from "./icons";
import { leadsHref } from "./lead-query";
import { LeadRow } from "./lead-row";
import { tableRoles } from "./table-roles";

/** Leads under a heading of their own: `New since Wed 6:12 PM` · 31. Without a title the rows stand alone. */
export type LeadGroup = {
  title: string | null;
  note?: string;
  leads: LeadDto[];
  /** Where the rest of the group is, when it does not end here. */
  more?: { href: string; label: string };
};

/* `width` and `kind` hold classes: `r` = figures to the right, `h1` and `h2` = leaves on a small desk, at the middle width. */
type Column = { label: string; width?: string; sort?: LeadSort; kind?: string };
const COLUMNS: readonly Column[] = [
  { label: "Score", width: "w-[92px]", sort: "score" },
  { label: "Name", width: "w-[214px] max-[900px]:w-[148px]" },
  { label: "Highest offense" },
  { label: "Bail", width: "w-[148px] max-[900px]:w-[132px]", sort: "bail", kind: "r" },
  { label: "Arrest", width: "w-[62px]", sort: "arrested", kind: "r" },
  { label: "Seen", width: "w-[62px]", sort: "firstSeen", kind: "r h2 h1" },
  { label: "County", width: "w-[98px]", kind: "h2 h1" },
  { label: "Contact", width: "w-[140px]", kind: "h2" },
  { label: "Status", width: "w-[136px] max-[900px]:w-[124px]" },
];
const SORT_WORDS: Record<LeadSort, string> = {
  score: "score",
  bail: "bail",
  arrested: "time of arrest",
  firstSeen: "time first seen",
};

/** The list. Sorting is a link, selecting a checkbox, opening a link: all of it works without JavaScript. */
export function LeadTable({ groups, filter, now }: { groups: LeadGroup[]; filter: LeadFilter; now: string }) {
  return (
    <table className="list" {...tableRoles.table}>
      <caption className="sr-only">
        Leads by {SORT_WORDS[filter.sort]},{" "}
        {filter.dir === "desc" ? "highest or latest first" : "lowest or earliest first"}
      </caption>
      <LeadColumns />
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th scope="col" {...tableRoles.head}>
            <label className="pick">
              <input
                type="checkbox"
                className="ck"
                aria-label="Select all on this page"
                data-select-all
                autoComplete="off"
              />
            </label>
          </th>
          {COLUMNS.map((column) => (
            <Head key={column.label} column={column} filter={filter} />
          ))}
        </tr>
      </thead>
      {groups.map((group) => (
        <tbody key={group.title ?? "all"} {...tableRoles.group}>
          {group.title ? <GroupHead title={group.title} note={group.note} /> : null}
          {group.leads.map((lead) => (
            <LeadRow key={lead.id} lead={lead} now={now} />
          ))}
          {group.more ? (
            <tr className="grp rest" {...tableRoles.row}>
              <th scope="rowgroup" colSpan={6} {...tableRoles.rowHead}>
                <Link href={group.more.href} prefetch={false}>
                  {group.more.label}
                </Link>
              </th>
              <LeavingCells />
            </tr>
          ) : null}
        </tbody>
      ))}
    </table>
  );
}

function GroupHead({ title, note }: { title: string; note: string | undefined }) {
  return (
    <tr className="grp" {...tableRoles.row}>
      <th scope="rowgroup" colSpan={6} {...tableRoles.rowHead}>
        <b>{title}</b>
        {note ? ` · ${note}` : null}
      </th>
      <LeavingCells />
    </tr>
  );
}

const leaving = (kind: string | undefined): string | undefined => kind?.replace(/^r ?/, "") || undefined;

/* One cell per column behind the heading: those that leave at the middle width must take their room with them. */
function LeavingCells() {
  return COLUMNS.slice(5).map(({ label, kind }) => <td key={label} className={leaving(kind)} {...tableRoles.cell} />);
}

function Head({ column, filter }: { column: Column; filter: LeadFilter }) {
  const { label, sort, kind } = column;
  const isCurrent = sort === filter.sort;
  const order = filter.dir === "desc" ? "descending" : "ascending";
  return (
    <th scope="col" className={kind} aria-sort={isCurrent ? order : undefined} {...tableRoles.head}>
      {sort ? (
        <Link
          prefetch={false}
          href={leadsHref({ ...filter, sort, dir: isCurrent && filter.dir === "desc" ? "asc" : "desc" })}
        >
          {label}
          {isCurrent ? <Icon name={filter.dir === "desc" ? "sortDown" : "sortUp"} /> : null}
        </Link>
      ) : (
        label
      )}
    </th>
  );
}

function LeadColumns() {
  return (
    <colgroup>
      <col className="w-10" />
      {COLUMNS.map(({ label, width, kind }) => (
        <col key={label} className={[leaving(kind), width].filter(Boolean).join(" ") || undefined} />
      ))}
    </colgroup>
  );
}
