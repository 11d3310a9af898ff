/**
 * Figures as PNG or PDF, by libraries that a user installs beside Spikelet for it: they are optional peers, because
 * most runs need neither and both weigh more than the package.
 */
import { InputError } from "./errors.js";

/** Formats of figures. */
export const IMAGE_FORMATS = ["svg", "png", "pdf"] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** The text of an SVG file as the content of a file of a format. */
export type Convert = (svg: string) => string | Uint8Array | Promise<Uint8Array>;

/**
 * Two pixels in each px of the figure are sharp on screens and projectors of today. The last of the figure's fonts,
 * sans-serif, is one that Linux systems have.
 */
const OPTIONS = { fitTo: { mode: "zoom", value: 2 }, font: { sansSerifFamily: "DejaVu Sans" } };

/**
 * What makes files of a format.
 *
 * @param get what imports a package
 * @throws InputError when a library is not installed
 */
export async function converter(
  format: ImageFormat,
  get: Importer = (name) => import(name) as Promise<unknown>,
): Promise<Convert> {
  switch (format) {
    case "svg":
      return (svg) => svg;
    case "png": {
      const { Resvg } = (await load(get, format, "@resvg/resvg-js")) as { Resvg: Renderer };
      return (svg) => new Resvg(svg, OPTIONS).render().asPng();
    }
    case "pdf": {
      const names = ["pdfkit", "svg-to-pdfkit"];
      const [kit, draw] = (await Promise.all(names.map((name) => load(get, format, name, names)))) as [
        { default: PdfDocument },
        { default: (document: object, svg: string, x: number, y: number, options: object) => void },
      ];
      return (svg) => pdfOf(kit.default, draw.default, svg);
    }
  }
}

type Renderer = new (svg: string, options: object) => { render(): { asPng(): Uint8Array } };

type PdfDocument = new (options: object) => {
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "end", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  end(): void;
};

/** A page of the figure's size; a px is 3/4 of a point. */
function pdfOf(
  Document: PdfDocument,
  draw: (document: object, svg: string, x: number, y: number, options: object) => void,
  svg: string,
): Promise<Uint8Array> {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const size = [0.75 * Number(width), 0.75 * Number(height)];
  // Without a date in it the file is the same for the same figure.
  const document = new Document({ size, margin: 0, info: { CreationDate: new Date(0) } });
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    document.on("data", (chunk) => chunks.push(chunk));
    document.on("end", () => resolve(Buffer.concat(chunks)));
    document.on("error", reject);
    draw(document, svg, 0, 0, { assumePt: false });
    document.end();
  });
}

type Importer = (name: string) => Promise<unknown>;

async function load(
  get: Importer,
  format: ImageFormat,
  name: string,
  together: readonly string[] = [name],
): Promise<unknown> {
  try {
    return await get(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InputError(
      `--format ${format}: the package ${JSON.stringify(name)} is not installed; install it beside spikelet: npm install ${together.join(" ")}.`,
      { cause: error },
    );
  }
}
