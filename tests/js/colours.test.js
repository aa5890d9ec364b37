import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sources } from "./sources.js";

const TOP = join(dirname(fileURLToPath(import.meta.url)), "../..");
const read = (/** @type {string} */ path) => readFileSync(join(TOP, path), "utf8");
const STYLES = readdirSync(join(TOP, "static/css"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".css"))
  .map((name) => `static/css/${name}`);

/** CSS Color 4, without what follows the text or the user's own choice (`currentcolor`, `transparent`, system colours). */
const NAMED =
  "aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen";
const LITERAL = new RegExp(
  `#[0-9a-f]{3,8}\\b|\\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\\(|(?<![\\w-])(?:${NAMED.replaceAll(" ", "|")})(?![\\w-])`,
  "gi",
);

/** @param {string} css @returns {string[]} the values of its declarations that name a colour of their own */
function literals(css) {
  const declarations = css.replace(/\/\*[\s\S]*?\*\/|url\([^)]*\)|"[^"]*"/g, "").matchAll(/[\w-]+\s*:([^;{}]*)[;}]/g);
  return [...declarations].flatMap(([, value]) => value.match(LITERAL) ?? []);
}

test("the search sees every way to write a colour, and nothing else", () => {
  const css =
    "a { color: #fff; fill: RGB(1 2 3 / 4%); border: 1px solid tomato; background: oklch(0 0 0); outline-color: white }";
  assert.deepEqual(literals(css), ["#fff", "RGB(", "tomato", "oklch(", "white"]);
  const none =
    'a { white-space: nowrap; color: var(--ad-plot-blue); fill: currentColor; background: url("#abc"); animation: tan-in 1s; /* red */ border-color: Highlight }';
  assert.deepEqual(literals(none), []);
});

test("colours stand in tokens.css alone; the shop of the demo, a stranger's page, has its own in one block", () => {
  const wrong = STYLES.filter((path) => path !== "static/css/tokens.css").flatMap((path) => {
    const css = path === "static/css/demo.css" ? read(path).replace(/:root \{[^}]*\}/, "") : read(path);
    return literals(css).map((colour) => `${path}: ${colour}`);
  });
  assert.deepEqual(wrong, []);
});

test("no script of ours has a colour", () => {
  const wrong = sources().flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/["'`](#[0-9a-f]{3,8}|(?:rgb|hsl|oklch)a?\([^"'`]*)["'`]/gi)].map(
      ([, colour]) => `${relative(TOP, path)}: ${colour}`,
    ),
  );
  assert.deepEqual(wrong, []);
});

const TOKENS = read("static/css/tokens.css");

/** @param {string} selector @returns {Record<string, string>} its tokens by name */
function tokensOf(selector) {
  const begin = TOKENS.indexOf(`${selector} {`);
  const block = TOKENS.slice(begin, TOKENS.indexOf("}", begin));
  return Object.fromEntries([...block.matchAll(/--ad-([\w-]+):\s*([^;]+);/g)].map(([, ...pair]) => pair));
}

const LIGHT = tokensOf(":root");
const AUTOMATIC = tokensOf(':root:not([data-theme="light"])');
const CHOSEN = tokensOf(':root[data-theme="dark"]');

test("the dark theme is one, chosen or not", () => {
  assert.ok(Object.keys(CHOSEN).length > 30);
  assert.deepEqual(AUTOMATIC, CHOSEN);
  assert.deepEqual(
    Object.keys(CHOSEN).filter((name) => !(name in LIGHT)),
    [],
  );
});

test("the panel on other people's pages is as dark as the page in it", () => {
  assert.equal(LIGHT["panel-dark"], CHOSEN.surface);
  assert.deepEqual(read("static/embed.js").match(/["'`]#[0-9a-f]{3,8}|(?:rgb|hsl|oklch)a?\(/gi), null);
});

test("a browser's own bars have the ground's colour", () => {
  const page = read("templates/customer/page.html");
  const themes = Object.fromEntries(
    [...page.matchAll(/name="theme-color" content="([^"]+)" media="\(prefers-color-scheme: (\w+)\)"/g)].map(
      ([, colour, theme]) => [theme, colour],
    ),
  );
  assert.deepEqual(themes, { light: LIGHT.bg, dark: CHOSEN.bg });
});
