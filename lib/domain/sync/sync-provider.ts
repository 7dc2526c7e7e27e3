import type { ConnectorName } from "@/lib/core/connectors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { Drift } from "./drift";

/** Where the next portion of a pull begins, in the provider's own terms. It must say everything that a fresh process needs. */
export type Position = Record<string, unknown>;

/** How far a first pull is. */
export type Progress = { done: number; total: number | null };

/** One turn of a pull. */
export type Turn = {
  connectionId: string;
  /** Null at the very first turn. */
  position: Position | null;
  phase: "backfill" | "incremental";
  /**
   * Moves the cursor on, in the transaction that stores what was read, so that a crash repeats a portion and loses none. `isDone`: nothing more until the
   * resource is due again. Refuses when another worker has taken the cursor over.
   */
  advance(tx: Tx, to: { position: Position; isDone: boolean; progress?: Progress }): Promise<void>;
};

/** A kind of record that is pulled by the clock. */
export type SyncResource = {
  name: string;
  /** How long after a complete pull the next one is due. */
  everyMs: number;
  /** Reads one portion (a page, a window of days), stores it and calls `advance` once. Throws VendorError or AppError `not_configured`. */
  pull(ctx: Ctx, turn: Turn): Promise<void>;
};

/** What a delivery says, opened. */
export type Delivery = { id: string; connectionId: string; deliveryKey: string; body: string | null; receivedAt: Date };

/** A consultation whose counterparts are brought up to date. */
export type Mirrored = { consultationId: string; leadId: string };

/** Everything that the sync engine has to know of a service. The registry is lib/domain/sync/providers.ts. */
export type SyncProvider = {
  name: ConnectorName;
  resources: readonly SyncResource[];
  /** After connecting: subscribes to what the other side tells by itself, and erases what an account before this one left. Safe to run twice. */
  begin?(ctx: Ctx, connectionId: string): Promise<void>;
  /** Before the access is revoked: ends subscriptions. What fails here does not hold up the disconnecting. */
  leave?(ctx: Ctx, connectionId: string): Promise<void>;
  /** Before the connection is erased, whatever state it is in: erases what came from there and does not hang on it. Safe to run twice. */
  forget?(ctx: Ctx): Promise<void>;
  /** Handles one stored delivery. Safe to run twice. */
  handle?(ctx: Ctx, delivery: Delivery): Promise<void>;
  /** True for a delivery that has us erase what we hold: that is done for a firm that is shut as well. */
  isErasing?(delivery: Delivery): boolean;
  /** Brings the counterpart of a consultation (or of its lead) up to date: makes, changes, removes, or finds nothing to do. Safe to run twice. */
  mirror?(ctx: Ctx, mirrored: Mirrored): Promise<void>;
  /** Ours beside theirs. */
  compare(ctx: Ctx, connectionId: string): Promise<Drift>;
};

/** The services that the engine works with: all of them, or those that a test makes. */
export type SyncProviders = Partial<Record<ConnectorName, SyncProvider>>;
