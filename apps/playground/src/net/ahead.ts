/**
 * The network that a page shows whose address says nothing. It is opened before the page is made: a worker builds it
 * while this thread is busy with the page.
 */
import { BALANCE, type Balance, balanceDocument, chosenFrom, LIF, watchOf } from "./balance.js";
import { Session } from "./session.js";

/** A network that was opened ahead. */
export interface Ahead {
  readonly session: Session;
  /** The number of what is watched; the error where it could not be opened. */
  readonly watched: Promise<number>;
}

let ahead: Ahead | undefined;

export function openAhead(): void {
  const balance = Object.fromEntries(
    Object.entries(BALANCE).map(([key, { value }]) => [key, value]),
  ) as unknown as Balance;
  const session = new Session();
  const opened = session.open(balanceDocument(balance, 1));
  // asked for before it is open: the worker does one after the other
  const watch = session.watch(watchOf(LIF, chosenFrom(undefined, balance.size)));
  const watched = Promise.all([opened, watch]).then(([, id]) => id);
  // whoever takes it hears of the error
  watched.catch(() => undefined);
  ahead = { session, watched };
}

/** The network that was opened ahead, for the first who asks. */
export function takeAhead(): Ahead | undefined {
  const taken = ahead;
  ahead = undefined;
  return taken;
}
