"use client";
import { Toast } from "radix-ui";
import { buttonClass } from "./button";
import { Icon } from "./icons";
import type { ToastNotice } from "./toast";

/** One notice behind `showToast`. */
export default function ToastCard({ notice, onClose }: { notice: ToastNotice; onClose: () => void }) {
  const { kind, text, action } = notice;
  const isError = kind === "error";
  return (
    <Toast.Provider duration={8000} swipeDirection="left" label="Notice">
      <Toast.Root
        type={isError ? "foreground" : "background"}
        duration={isError ? Number.POSITIVE_INFINITY : 8000}
        onOpenChange={(isOpen) => isOpen || onClose()}
        className="floats flex min-h-11 w-fit max-w-full items-center gap-2.5 rounded-float bg-raised py-2 pr-2 pl-3 shadow-lift phone:w-full"
      >
        <Icon
          name={isError ? "warn" : kind === "done" ? "qualified" : "note"}
          className={isError ? "text-danger" : kind === "done" ? "text-good" : "text-ink-3"}
        />
        <Toast.Description className="flex-1">{text}</Toast.Description>
        {action ? (
          <Toast.Action altText={action.label} onClick={action.run} className={buttonClass("plain", "ml-2")}>
            {action.label}
          </Toast.Action>
        ) : null}
        <Toast.Close aria-label="Close" className={buttonClass("quiet", "px-1.5!")}>
          <Icon name="close" />
        </Toast.Close>
      </Toast.Root>
      <Toast.Viewport className="fixed bottom-11 left-[calc(192px+20px)] z-50 m-0 w-fit max-w-[calc(100vw-32px)] list-none p-0 narrow:left-[73px] phone:inset-x-2 phone:bottom-16 phone:w-auto" />
    </Toast.Provider>
  );
}
