/** The core's code inside the package is inflated by what the platform has; each way gives the same code. */
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Identity of the code of a core that is loaded anew. */
async function identity(): Promise<string> {
  vi.resetModules();
  const { Core } = await import("../../src/core/core.js");
  const core = await Core.create(undefined);
  return core.identity;
}

/** As in a browser, which has no modules of Node. */
function withoutNode(): void {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
}

const WAYS: Readonly<Record<string, () => void>> = {
  "by streams": withoutNode,
  "by streams that do not know the format": () => {
    withoutNode();
    vi.stubGlobal(
      "DecompressionStream",
      class {
        constructor() {
          throw new TypeError("Unsupported compression format: 'deflate-raw'");
        }
      },
    );
  },
  "without streams": () => {
    withoutNode();
    vi.stubGlobal("DecompressionStream", undefined);
  },
};

it.each(Object.entries(WAYS))("%s", async (_, change) => {
  const expected = await identity();
  change();
  expect(await identity()).toBe(expected);
});
