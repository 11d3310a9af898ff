/** Potentials above each other on one axis of time, with what happened first marked. */

export interface Strip {
  readonly label: string;
  readonly color: string;
  /** ms, and mV beside them. */
  readonly time: ArrayLike<number>;
  readonly v: ArrayLike<number>;
  /** ms */
  readonly spikes: ArrayLike<number>;
  /** What stands at the first spike. */
  readonly mark: string;
}

export interface StripsLook {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly panel: string;
}

const LEFT = 44;
const RIGHT = 8;
const BOTTOM = 34;
const GAP = 6;

/** A step of 1, 2 or 5 times a power of ten, of which about `count` make up the range. */
export function niceStep(range: number, count: number): number {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
}

/** Draws all strips from `from` to `to`, both in ms after the onset at 0 of their times less `onset`. */
export function drawStrips(
  canvas: HTMLCanvasElement,
  strips: readonly Strip[],
  { onset, from, to }: { readonly onset: number; readonly from: number; readonly to: number },
  look: StripsLook,
): void {
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = "11px system-ui, sans-serif";
  const x = (ms: number): number => LEFT + ((ms - from) / (to - from)) * (width - LEFT - RIGHT);
  const tall = (height - BOTTOM) / Math.max(1, strips.length);

  // the axis of time
  const step = niceStep(to - from, Math.max(3, Math.min(10, width / 90)));
  pen.textAlign = "center";
  for (let ms = Math.ceil(from / step) * step; ms <= to + 1e-9; ms += step) {
    pen.strokeStyle = look.line;
    pen.beginPath();
    pen.moveTo(x(ms), 0);
    pen.lineTo(x(ms), height - BOTTOM);
    pen.stroke();
    pen.fillStyle = look.soft;
    pen.fillText(String(Number(ms.toPrecision(6))), x(ms), height - BOTTOM + 13);
  }
  pen.fillText("ms after the onset of the step", (LEFT + width) / 2, height - 6);

  pen.strokeStyle = look.soft;
  pen.beginPath();
  pen.moveTo(x(0), 0);
  pen.lineTo(x(0), height - BOTTOM);
  pen.stroke();

  strips.forEach((strip, k) => {
    const [top, bottom] = [k * tall + GAP, (k + 1) * tall - GAP];
    drawStrip(pen, strip, { x, top, bottom, onset, from, to, right: width - RIGHT }, look);
  });
}

interface Place {
  readonly x: (ms: number) => number;
  readonly top: number;
  readonly bottom: number;
  readonly onset: number;
  readonly from: number;
  readonly to: number;
  readonly right: number;
}

function drawStrip(
  pen: CanvasRenderingContext2D,
  strip: Strip,
  { x, top, bottom, onset, from, to, right }: Place,
  look: StripsLook,
): void {
  const { time, v, spikes, color } = strip;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < v.length; k++) {
    low = Math.min(low, v[k] as number);
    high = Math.max(high, v[k] as number);
  }
  if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 5, low + 5] : [-80, -40];
  // room above for the label
  const y = (mV: number): number => bottom - ((mV - low) / (high - low)) * (bottom - top - 16);

  pen.strokeStyle = look.line;
  pen.beginPath();
  pen.moveTo(LEFT, bottom + GAP);
  pen.lineTo(right, bottom + GAP);
  pen.stroke();
  pen.textAlign = "right";
  pen.fillStyle = look.soft;
  const step = niceStep(high - low, 2);
  for (let mV = Math.ceil(low / step) * step; v.length > 0 && mV <= high; mV += step)
    pen.fillText(`${Number(mV.toPrecision(6))}`, LEFT - 5, y(mV) + 4);
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, top - GAP, right - LEFT, bottom - top + 2 * GAP);
  pen.clip();

  pen.strokeStyle = color;
  pen.lineWidth = 1.4;
  pen.lineJoin = "round";
  pen.beginPath();
  for (let k = 0; k < time.length; k++) {
    const ms = (time[k] as number) - onset;
    if (ms < from - 1 || ms > to + 1) continue;
    pen.lineTo(x(ms), y(v[k] as number));
  }
  pen.stroke();
  // what is cut by a reset goes up for the eye
  pen.lineWidth = 1;
  pen.globalAlpha = 0.55;
  for (let k = 0; k < spikes.length; k++) {
    const at = x((spikes[k] as number) - onset);
    pen.beginPath();
    pen.moveTo(at, y(high));
    pen.lineTo(at, top + 12);
    pen.stroke();
  }
  pen.globalAlpha = 1;

  const [first] = Array.from(spikes as ArrayLike<number>).slice(0, 1);
  if (first !== undefined && strip.mark !== "") {
    const at = x(first - onset);
    const line = top + 6;
    pen.strokeStyle = look.ink;
    pen.setLineDash([3, 2]);
    pen.beginPath();
    pen.moveTo(x(0), line);
    pen.lineTo(at, line);
    pen.moveTo(at, line);
    pen.lineTo(at, bottom);
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.restore();

  // its name, and the latency behind the first spike, on paper of their own
  const at = first === undefined ? LEFT : Math.min(x(first - onset), right - 60);
  const write = (text: string, left: number, style: string, weight: string): void => {
    pen.font = `${weight} 11px system-ui, sans-serif`;
    pen.textAlign = "left";
    const { width } = pen.measureText(text);
    pen.fillStyle = look.panel;
    pen.fillRect(left - 2, top - 3, width + 4, 14);
    pen.fillStyle = style;
    pen.fillText(text, left, top + 8);
    pen.font = "11px system-ui, sans-serif";
  };
  if (strip.mark !== "" && first !== undefined && first - onset <= to) write(strip.mark, at + 5, look.ink, "600");
  pen.save();
  pen.font = "600 11px system-ui, sans-serif";
  const { width } = pen.measureText(strip.label);
  pen.restore();
  write(strip.label, right - width - 4, color, "600");
  pen.textAlign = "left";
}
