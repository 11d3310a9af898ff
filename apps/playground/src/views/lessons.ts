/** Lessons: a text beside a view that runs, and tasks that the page grades. */
import { css, html, LitElement, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { html as staticHtml, unsafeStatic } from "lit/static-html.js";
import { shared } from "../controls/style.js";
import {
  type Check,
  type Grade,
  gradeAnswer,
  gradeCheck,
  type Lesson,
  readLesson,
  type Task,
  together,
} from "../lessons/lesson.js";
import { lessonNamed, LESSONS } from "../lessons/list.js";
import type { Session } from "../net/session.js";
import { ask } from "../net/tools.js";
import { VIEWS } from "../views.js";
import { fieldsOf, type View } from "../view.js";

/** Views that are networks: those that lessons can be about. */
const VIEW_NAMES = VIEWS.map(({ id }) => id).filter((id) => !["lessons", "gallery", "branches"].includes(id));
/** Longest text of a lesson that a link holds. */
const IN_LINK = 100_000;

class LessonsView extends LitElement {
  static override properties = {
    initial: { attribute: false },
    lesson: { state: true },
    grades: { state: true },
    trouble: { state: true },
  };
  declare initial: unknown;
  declare lesson: Lesson | undefined;
  declare grades: readonly (Grade | undefined)[];
  declare trouble: string;
  private name = "";
  private text: string | undefined;
  private opened = 0;

  constructor() {
    super();
    [this.lesson, this.grades, this.trouble] = [undefined, [], ""];
  }

  static override styles = [
    shared,
    css`
      .lesson {
        display: grid;
        grid-template-columns: minmax(16rem, 24rem) minmax(0, 1fr);
        gap: 1rem;
        align-items: start;
      }
      @media (max-width: 1100px) {
        .lesson {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        align-items: baseline;
        margin-bottom: 0.6rem;
      }
      ol {
        padding-left: 1.2rem;
      }
      li {
        margin: 0.6rem 0;
      }
      li input {
        width: 6em;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
      }
      .passed {
        color: var(--good, #00794f);
        font-weight: 600;
      }
      .trouble {
        color: var(--danger);
      }
      select {
        max-width: 100%;
      }
    `,
  ];

  /** The view within the lesson. */
  private get inner(): View | null {
    return this.renderRoot.querySelector<View>("#view > *");
  }

  /** What the keys of the page act on. */
  get session(): Session | undefined {
    return this.inner?.session;
  }

  get state(): Record<string, unknown> {
    const { name, text, inner } = this;
    const own = text === undefined ? { lesson: name } : text.length <= IN_LINK ? { text } : {};
    return { ...own, ...(inner && { state: inner.state }) };
  }

  override firstUpdated(): void {
    void this.first(fieldsOf(this.initial));
  }

  private async first({ lesson, text, state }: Readonly<Record<string, unknown>>): Promise<void> {
    if (typeof text === "string") {
      try {
        const read = readLesson(text, VIEW_NAMES);
        this.text = text;
        return await this.show(read, state);
      } catch (error) {
        this.trouble = (error as Error).message;
      }
    }
    const known = LESSONS.find(({ name }) => name === lesson);
    if (typeof lesson === "string" && !known) {
      this.trouble = `There is no lesson ${JSON.stringify(lesson.slice(0, 60))}.`;
    }
    await this.choose(known?.name ?? LESSONS[0]?.name ?? "", known ? state : undefined);
  }

  private async choose(name: string, state?: unknown): Promise<void> {
    const lesson = await lessonNamed(name, VIEW_NAMES);
    if (lesson === undefined) return;
    [this.name, this.text] = [name, undefined];
    await this.show(lesson, state);
  }

  private async show(lesson: Lesson, state: unknown): Promise<void> {
    await VIEWS.find(({ id }) => id === lesson.view)?.load();
    this.opened++;
    this.grades = lesson.tasks.map(() => undefined);
    this.lesson = state === undefined ? lesson : { ...lesson, state };
    await this.updateComplete;
    this.dispatchEvent(new CustomEvent("state", { bubbles: true, composed: true }));
  }

  /** Begins the lesson again, with its own settings. */
  private again(): void {
    if (this.text === undefined) void this.choose(this.name);
    else void this.first({ text: this.text });
  }

  private async measured(check: Check): Promise<Grade> {
    const kept = this.inner?.kept;
    if (kept === undefined) return { passed: false, words: "Nothing runs." };
    const from = kept.time - check.over;
    const measures = await ask("measures", kept.tables(from), { from, time: kept.time });
    return gradeCheck(check, measures, kept.time - kept.from, this.inner?.settled);
  }

  private async grade(task: Task, place: number): Promise<void> {
    const field = this.renderRoot.querySelector<HTMLInputElement>(`#answer-${place}`);
    let grade: Grade;
    try {
      grade =
        task.answer === undefined
          ? together(await Promise.all(task.checks.map((check) => this.measured(check))))
          : gradeAnswer(task.answer, field?.value ?? "");
    } catch (error) {
      grade = { passed: false, words: (error as Error).message };
    }
    this.grades = this.grades.map((before, k) => (k === place ? grade : before));
  }

  private task(task: Task, place: number): unknown {
    const grade = this.grades[place];
    const { answer } = task;
    return html`<li>
      ${task.question}
      <div class="line">
        ${
          answer === undefined
            ? ""
            : html`<label
                ><input
                  id="answer-${place}"
                  inputmode="decimal"
                  aria-label="Your answer${answer.unit === "" ? "" : ` in ${answer.unit}`}"
                  @keydown=${(event: KeyboardEvent) => event.key === "Enter" && this.grade(task, place)}
                />
                ${answer.unit}</label
              >`
        }
        <button @click=${() => this.grade(task, place)}>Check</button>
        ${answer === undefined ? html`<span class="soft">${task.checks.map(({ text }) => text).join("; ")}</span>` : ""}
      </div>
      <p role="status" class=${grade?.passed === true ? "passed" : "soft"}>
        ${grade === undefined ? "" : `${grade.passed ? "Done. " : ""}${grade.words}`}
      </p>
      ${
        task.hint === "" || grade?.passed === true
          ? ""
          : html`<details>
              <summary class="soft">A hint</summary>
              <p class="soft">${task.hint}</p>
            </details>`
      }
    </li>`;
  }

  override render(): unknown {
    const { lesson, trouble, name, text } = this;
    const place = LESSONS.findIndex((one) => one.name === name);
    const next = text === undefined ? LESSONS[place + 1] : undefined;
    const element = unsafeStatic(`sp-${VIEW_NAMES.find((id) => id === lesson?.view) ?? "network"}`);
    const done = this.grades.filter((grade) => grade?.passed).length;
    return html`<div class="line">
        <label
          >Lesson
          <select
            aria-label="Lesson"
            @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}
          >
            ${text === undefined ? "" : html`<option value="" selected>${lesson?.title}</option>`}
            ${LESSONS.map(
              (one, k) =>
                html`<option value=${one.name} ?selected=${text === undefined && one.name === name}>
                  ${k + 1}. ${one.title}
                </option>`,
            )}
          </select></label
        >
        <button @click=${() => this.again()}>Begin again</button>
        ${next === undefined ? "" : html`<button @click=${() => this.choose(next.name)}>Next: ${next.title}</button>`}
        <span class="soft">
          A lesson of your own can be dropped onto the page: docs/lessons.md says how it is written.
        </span>
      </div>
      ${trouble === "" ? "" : html`<p class="trouble" role="alert">${trouble}</p>`}
      ${
        lesson === undefined
          ? nothing
          : keyed(
              this.opened,
              html`<div class="lesson">
                <section>
                  <h2>${lesson.title}</h2>
                  ${lesson.text.map((paragraph) => html`<p>${paragraph}</p>`)}
                  <h3>What to do (${done} of ${lesson.tasks.length} done)</h3>
                  <ol>
                    ${lesson.tasks.map((task, k) => this.task(task, k))}
                  </ol>
                </section>
                <div id="view">${staticHtml`<${element} .initial=${lesson.state}></${element}>`}</div>
              </div>`,
            )
      }`;
  }
}
customElements.define("sp-lessons", LessonsView);
