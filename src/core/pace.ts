/**
 * Whether threads are worth it, found while running: where other programs have the processors, or steps are short
 * beside an exchange, one thread that does all shards in turn is faster, and nothing but the clock tells. Both ways
 * give the same bits, so that they may take turns at any exchange.
 *
 * One way is in use; now and then the other one is tried for some milliseconds and taken if it was faster. The longer
 * nothing changes, the rarer the trials. Where the system tells the CPU time, threads without processors are known by
 * it.
 */

/** Time of a trial, in ms; a trial goes to the end of an interval. */
const TRIAL = 8;
/** Least and most time from one trial to the next, in ms. */
const SOON = 50;
const LATE = 4000;
/** Time in which engines compile what runs, in ms. */
const COMPILED = 200;
/** A trial that was in vain is followed by so many times its own time without another one. */
const REST = 20;
/** Time over which the cost of the way in use is averaged, in ms. */
const WINDOW = 20;
/**
 * The same for the part of the time for which threads had processors: the system adds up the CPU time of a thread that
 * runs once in some milliseconds only, so that shorter times say nothing.
 */
const LONG = 120;
/** Most time that threads go on without a look at it, in ms. */
const GRASP = 60;
/** The way in use has to cost so many times what the other one did for a trial ahead of time. */
const SUSPICIOUS = 0.9;
/**
 * The way that is tried has to cost less than this part of the one in use: networks are more active at one time than at
 * another.
 */
const CLEARLY = 0.85;
/** The same for what the clock says against the CPU time. */
const PLAINLY = 0.75;
/**
 * Threads that had processors for less than this part of the time wait for other programs: they are left at once,
 * unless the clock plainly speaks for them, since systems are late with the CPU time of threads that run; and one
 * thread that has less than this part of one does not try others. What the clock says is luck then.
 */
const STARVED = 0.7;
const WHOLE = 0.85;

/** How to go on. */
export interface Stretch {
  /** All shards beside each other, on threads of their own; else in turn on one. */
  readonly beside: boolean;
  /** The stretch should end after so many ms. */
  readonly ms: number;
}

export class Pace {
  /** The way in use, ms per step of it lately, and how much of the window that comes from. */
  private beside: boolean;
  private cost = Number.NaN;
  private measured = 0;
  /** Part of the time for which its threads had processors lately; not a number where that is not known. */
  private share = Number.NaN;
  /** ms per step of the other way when it was tried last. */
  private other = Number.NaN;
  /** Time in use since the last trial, since the last change, and until the next trial. */
  private used = 0;
  private held = 0;
  private wait: number;
  /** Time in use in all. */
  private age = 0;

  /**
   * @param beside begins with threads; where they do not find processors of their own, one thread begins, and threads
   *   are tried when the engine has compiled what runs: until then clock and CPU time tell of that
   */
  constructor(beside = true) {
    this.beside = beside;
    this.wait = beside ? SOON : COMPILED;
  }

  /** What to do next. */
  next(): Stretch {
    if (this.beside && this.measured >= LONG && this.share < STARVED && !this.isPlain) this.change(Number.NaN, 0);
    if (this.isDue) return { beside: !this.beside, ms: TRIAL };
    // Threads that have become slow must show it soon, however many steps they were to make.
    return { beside: this.beside, ms: this.beside ? GRASP : Math.max(TRIAL, this.wait - this.used) };
  }

  /** The way in use is plainly faster than the other one was. */
  private get isPlain(): boolean {
    return this.cost < PLAINLY * this.other;
  }

  private get isDue(): boolean {
    // Threads that have their processors are not judged by how long it takes to compile what they do.
    if (this.beside && this.age < COMPILED && this.share >= STARVED) return false;
    if (this.measured < WINDOW || (!this.beside && this.measured >= LONG && this.share < WHOLE)) return false;
    return this.used >= this.wait || (this.beside && this.used >= SOON && this.cost > SUSPICIOUS * this.other);
  }

  /**
   * What came of it: `steps` steps took `ms`.
   *
   * @param share part of that time for which each of its threads had a processor; not a number where that is not known
   */
  done(beside: boolean, steps: number, ms: number, share = Number.NaN): void {
    if (steps === 0) return;
    if (beside !== this.beside) return this.tried(ms / steps, ms);
    const known = Math.min(this.measured, WINDOW);
    // Running means over the windows, by time.
    this.cost = known === 0 ? ms / steps : (known + ms) / (known / this.cost + steps);
    const shared = Math.min(this.measured, LONG);
    this.share = shared === 0 ? share : (shared * this.share + ms * share) / (shared + ms);
    this.measured += ms;
    this.used += ms;
    this.held += ms;
    this.age += ms;
  }

  private tried(cost: number, ms: number): void {
    const better = cost < CLEARLY * this.cost;
    if (better) return this.change(cost, ms);
    this.used = 0;
    this.other = cost;
    this.wait = Math.max(Math.min(LATE, 2 * this.wait), REST * ms);
  }

  /** The other way is in use from now on; it cost so much in a trial of `ms`. */
  private change(cost: number, ms: number): void {
    this.other = this.cost;
    this.cost = cost;
    this.beside = !this.beside;
    this.measured = 0;
    this.used = 0;
    // What was right for a short time only is tried again later and later.
    this.wait = this.held > this.wait ? SOON : Math.max(Math.min(LATE, 2 * this.wait), REST * ms);
    this.held = 0;
  }
}
