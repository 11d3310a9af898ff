/** Styles that all parts of the page share. */
import { css } from "lit";

export const shared = css`
  :host {
    display: block;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button,
  select {
    background: var(--paper);
    border: 1px solid var(--line);
    border-radius: 6px;
    padding: 0.3em 0.7em;
    cursor: pointer;
  }
  button:hover {
    border-color: var(--accent);
  }
  button[aria-pressed="true"],
  button.main {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  h2 {
    font-size: 1.15rem;
    margin: 0 0 0.4rem;
  }
  h3 {
    font-size: 0.95rem;
    margin: 0.9rem 0 0.3rem;
  }
  p {
    margin: 0.3rem 0;
    max-width: 70ch;
  }
  .soft {
    color: var(--ink-soft);
    font-size: 0.87rem;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 19rem;
    gap: 1rem;
    align-items: start;
  }
  @media (max-width: 760px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  :host(.half) .columns {
    grid-template-columns: minmax(0, 1fr);
  }
  :host(.half) canvas.raster {
    height: 26vh;
    min-height: 150px;
  }
  .panel {
    background: var(--panel);
    border: 1px solid var(--line);
    border-radius: 8px;
    padding: 0.8rem 1rem;
  }
  .plot {
    position: relative;
    width: 100%;
    height: 150px;
    overflow: hidden;
  }
`;
