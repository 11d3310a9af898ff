/** Links that are copied. */

/**
 * Puts a fragment into the address, and copies the address.
 *
 * @returns what to say, and the address where the browser does not let the page copy it
 */
export async function copyAddress(fragment: string): Promise<{ readonly words: string; readonly link: string }> {
  history.replaceState(null, "", `#${fragment}`);
  const { href } = location;
  try {
    await navigator.clipboard.writeText(href);
    return { words: `Copied: ${href.length} characters.`, link: "" };
  } catch {
    return { words: "The browser does not let pages copy here; take it from this field:", link: href };
  }
}
