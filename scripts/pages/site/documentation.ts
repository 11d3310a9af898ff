/** The documentation as static pages: documents, examples, the reference of the API, all with search, by TypeDoc. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, posix, resolve } from "node:path";
import {
  Application,
  type Context,
  Converter,
  type DocumentReflection,
  KindRouter,
  LogLevel,
  type NormalizedPath,
  PageEvent,
  type Reflection,
  ReflectionKind,
} from "typedoc";
import { models } from "../../../src/index.js";
import { finish, inlineScripts, sourcePage, withEquations, withLive } from "./html.js";
import { forgotten, type Page, pagesOf } from "./pages.js";

const read = (path: string): string => readFileSync(path, "utf8");
const absolute = (path: string): NormalizedPath => resolve(path) as NormalizedPath;

/** Files that are not Markdown are pages of code, which are written here first. */
const CODE = "build/site";

/** Where the types stand that are not exported. */
const UNEXPORTED = "Referenced types";

/** The elements, in one file, which a page loads that has one. */
const ELEMENTS = "dist/elements.js";

/** Highlighting of a file that is not Markdown, and what to do with it. */
const CODES: Readonly<Record<string, readonly [language: string, use: (path: string) => string]>> = {
  ".ts": ["ts", (path) => `In a clone: \`npx tsx ${path}\`.`],
  ".json": ["json", (path) => `In a clone: \`node dist/cli.js run ${path}\`.`],
  ".html": ["html", () => "A page to open in a browser."],
};

/** A page of a file that is not Markdown. */
function codePage(path: string): string {
  const [language, use] = CODES[extname(path)] ?? ["text", () => ""];
  return `# ${basename(path)}\n\n${use(path)}\n\n\`\`\`${language}\n${read(path).trimEnd()}\n\`\`\`\n`;
}

/** The file that TypeDoc reads for a page. */
function sourceOf({ path }: Page): string {
  if (path.endsWith(".md")) return path;
  const file = join(CODE, `${path}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, codePage(path));
  return file;
}

/** The sources of the package's entries. */
function publicEntries(exports: Readonly<Record<string, string | { readonly types: string }>>): string[] {
  return Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [entry.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts")],
  );
}

function isUnexported({ name, parent }: Reflection): boolean {
  return name === UNEXPORTED || (parent !== undefined && isUnexported(parent));
}

/** Writes the documentation into a folder; throws when something is wrong with it. */
export async function writeDocumentation(folder: string): Promise<void> {
  const pages = pagesOf(read);
  const files = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  const lost = forgotten(
    pages,
    files.map((name) => posix.join("docs", name.replaceAll("\\", "/"))),
  );
  if (lost.length > 0) throw new Error(`docs/README.md leads to none of: ${lost.join(", ")}`);
  const groups = [...new Set(pages.map(({ group }) => group))];
  const byFile = new Map(pages.map((page) => [absolute(sourceOf(page)), page]));

  const app = await Application.bootstrapWithPlugins({
    name: "Spikelet",
    plugin: ["typedoc-plugin-missing-exports"],
    entryPoints: publicEntries(JSON.parse(read("package.json")).exports),
    tsconfig: "tsconfig.json",
    readme: "README.md",
    projectDocuments: [...byFile.keys()],
    router: "site",
    // sources are pages of the site
    disableGit: true,
    gitRevision: "none",
    sourceLinkTemplate: "site:source/{path}.html#L{line}",
    displayBasePath: absolute("."),
    // `npm run types` does that
    skipErrorChecking: true,
    navigationLinks: { Playground: "site:../index.html" },
    navigation: { includeGroups: true, includeCategories: false, includeFolders: false },
    // pages begin with their own
    headings: { readme: false, document: false },
    groupOrder: [...groups, "*"],
    // a word is rather sought in a guide than in the name of a member
    searchGroupBoosts: Object.fromEntries(groups.map((group) => [group, 20])),
    searchInComments: true,
    searchInDocuments: true,
    customCss: "scripts/pages/site/site.css",
    highlightLanguages: ["typescript", "javascript", "json", "bash", "sh", "python", "html", "http", "diff"],
    internalModule: UNEXPORTED,
    // its filters need styles made by programs, which the policy refuses
    visibilityFilters: {},
    excludePrivate: true,
    excludeInternal: true,
    // those of the DOM would be most of what is written
    excludeExternals: true,
    includeHierarchySummary: false,
    hideGenerator: true,
    treatWarningsAsErrors: true,
    logLevel: LogLevel.Warn,
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  } as never);

  const documents = new Map<Reflection, Page>();
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_: unknown, document: DocumentReflection) => {
    const { files } = document.project;
    const page = byFile.get(files.getReflectionPath(document) as NormalizedPath);
    if (!page) throw new Error(`${document.name} is no page`);
    documents.set(document, page);
    document.name = page.title;
    document.frontmatter = { group: page.group };
    // links to the file, and to its folder where it is the index of one
    files.registerReflectionPath(absolute(page.path), document);
    if (page.path.endsWith("/README.md")) files.registerReflectionPath(absolute(dirname(page.path)), document);
    const live = liveOn(page.path);
    document.content = rewritten(document.content, (text) => withLive(withEquations(text), live));
  });
  // the plugin takes members that a class inherits for things of their own
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const members = ReflectionKind.Accessor | ReflectionKind.Property | ReflectionKind.Method;
    for (const member of project.getReflectionsByKind(members))
      if (member.parent?.kindOf(ReflectionKind.Module)) project.removeReflection(member);
  });
  app.renderer.defineRouter(
    "site",
    class extends KindRouter {
      protected override getIdealBaseName(reflection: Reflection): string {
        return documents.get(reflection)?.url ?? `api/${super.getIdealBaseName(reflection)}`;
      }
    },
  );

  const project = await app.convert();
  if (!project) throw new Error("TypeDoc could not read the sources");
  for (const reflection of Object.values(project.reflections))
    if (reflection.isDeclaration() && isUnexported(reflection)) reflection.relevanceBoost = 0.1;
  for (const group of project.groups ?? []) if (group.title === "Modules") group.title = "API reference";
  app.validate(project);
  const scripts = new Set<string>();
  const sources = new Set<string>();
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    for (const program of inlineScripts(page.contents ?? "")) scripts.add(program);
    for (const [, path = ""] of (page.contents ?? "").matchAll(/site:source\/([^"]+)\.html/g)) sources.add(path);
    page.contents = finish(page.contents ?? "", page.url);
  });
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("TypeDoc is not content, see above");
  if (scripts.size !== 1) throw new Error(`TypeDoc's pages hold ${scripts.size} programs of their own, not one`);
  writeFileSync(join(folder, "assets/start.js"), [...scripts].join(""));
  copyFileSync(ELEMENTS, join(folder, "assets/elements.js"));
  for (const path of sources) {
    const file = `source/${path}.html`;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), sourcePage(path, read(path), file));
  }
}

/** What runs on a page: the neuron that it is about, or what the page about elements says. Sources do nothing alone. */
function liveOn(path: string): string {
  if (path === "docs/elements.md") return "<spikelet-network></spikelet-network>";
  const [, name = ""] = /^docs\/models\/(\w+)\.md$/.exec(path) ?? [];
  return Object.hasOwn(models, name) ? `<spikelet-neuron model="${name}"></spikelet-neuron>` : "";
}

type Parts = DocumentReflection["content"];

/** What TypeDoc's Markdown does not know. TypeDoc cuts texts at braces. */
function rewritten(parts: Parts, change: (text: string) => string): Parts {
  const whole: Parts = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (part.kind === "text" && last?.kind === "text") last.text += part.text;
    else whole.push({ ...part });
  }
  return whole.map((part) => (part.kind === "text" ? { ...part, text: change(part.text) } : part));
}
