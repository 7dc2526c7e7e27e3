"use client";
import { lazy, Suspense, useState } from "react";
import { Button } from "./button";
import { Icon } from "./icons";

export type ConsultationBookProps = { lead: { id: string; name: string }; timeZone: string; now: string };

const prepare = () => import("./consultation-book-form");
const ConsultationBookForm = lazy(prepare);

/** Opens the form in which the firm agrees on a consultation by itself. */
export function ConsultationBook(props: ConsultationBookProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onPointerEnter={prepare} onFocus={prepare} onClick={() => setOpen(true)}>
        <Icon name="plus" />
        Book a consultation
      </Button>
      {isOpen ? (
        <Suspense fallback={null}>
          <ConsultationBookForm {...props} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
