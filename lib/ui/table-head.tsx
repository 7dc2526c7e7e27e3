import { tableRoles } from "./table-roles";

type TableHeadProps = {
  /** The words over each column, with classes where one needs some. */
  columns: readonly (string | { head: string; className: string | undefined })[];
  /** What can be done with a row: one more column, whose word only a screen reader says. */
  action?: string | undefined;
};

/** The head of a table that folds on a phone. */
export function TableHead({ columns, action }: TableHeadProps) {
  return (
    <thead {...tableRoles.group}>
      <tr {...tableRoles.row}>
        {columns
          .map((column) => (typeof column === "string" ? { head: column, className: undefined } : column))
          .map(({ head, className }) => (
            <th key={head} scope="col" className={className} {...tableRoles.head}>
              {head}
            </th>
          ))}
        {action ? (
          <th scope="col" {...tableRoles.head}>
            <span className="sr-only">{action}</span>
          </th>
        ) : null}
      </tr>
    </thead>
  );
}
