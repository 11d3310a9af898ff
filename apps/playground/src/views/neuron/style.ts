/** Styles that the parts of the view of one neuron share. */
import { css } from "lit";

/** Legends below plots, in the colours of the series. */
export const legends = css`
  .key {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1rem;
  }
  .key span::before {
    content: "";
    display: inline-block;
    width: 1.2em;
    height: 0.25em;
    margin-right: 0.35em;
    vertical-align: middle;
    background: var(--c);
  }
  .c1 {
    --c: var(--series-1);
  }
  .c2 {
    --c: var(--series-2);
  }
  .c3 {
    --c: var(--series-3);
  }
  .c4 {
    --c: var(--series-4);
  }
  .tall {
    height: 210px;
  }
  .low {
    height: 115px;
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr));
    gap: 0.5rem 1rem;
  }
`;
