"use client";
import { useRouter } from "next/navigation";
import { Popover } from "radix-ui";
import type { ComponentProps, RefObject } from "react";
import { FilterForm } from "./filter-form";

type FilterPanelProps = ComponentProps<typeof FilterForm> & {
  /** The link that opened it: the panel hangs from it, and focus goes back to it. */
  trigger: RefObject<HTMLAnchorElement | null>;
  onClose: () => void;
};

/** The panel behind `FilterPopover`. */
export default function FilterPanel({ trigger, onClose, ...form }: FilterPanelProps) {
  const router = useRouter();
  const isOwn = (target: EventTarget | null) => target instanceof Node && trigger.current?.contains(target) === true;
  return (
    <Popover.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Popover.Anchor virtualRef={trigger} />
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Filters"
          onEscapeKeyDown={() => trigger.current?.focus()}
          // the link closes it by its own click
          onInteractOutside={(event) => isOwn(event.target) && event.preventDefault()}
          onSubmit={(event) => {
            event.preventDefault();
            if (event.target instanceof HTMLFormElement) router.push(addressOf(new FormData(event.target)));
            onClose();
          }}
          className="floats z-40 max-h-[var(--radix-popover-content-available-height)] w-[340px] max-w-[calc(100vw-16px)] overflow-y-auto rounded-float bg-raised p-4 shadow-lift"
        >
          <FilterForm {...form} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/* What the form would send, without the fields that say nothing. */
function addressOf(form: FormData): string {
  const said = [...form].flatMap(([name, value]) => (value === "" ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(said);
  if (query.get("dateField") === "firstSeen") query.delete("dateField");
  return query.size > 0 ? `/leads?${query}` : "/leads";
}
