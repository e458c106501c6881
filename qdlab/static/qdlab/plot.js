// Figures: the server says what is drawn (Plotly JSON), this draws it in the page's own colours and lets one take it away.
//
// <figure data-plot data-figure="id of a JSON script" or data-figure-url="…" data-name="file name" [data-plot-lines: can be dragged]>
//   buttons: data-plot-view="id or URL" (nm/eV, normalised …), data-plot-log, data-plot-save="svg|png|csv"
//   <div class="plot-area" data-plot-area role="img" aria-label="…">shown until it is drawn</div>

import { notice, onEach, save, text } from "qdlab/page";
import { drawable, plotly } from "qdlab/plotly";

async function figureOf(source) {
  const inPage = /^[\w:.-]+$/.test(source) && document.getElementById(source);
  if (inPage) return JSON.parse(inPage.textContent);
  const answer = await fetch(source, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${source}`);
  return answer.json();
}

const LIGHT = { ink: "#1f2228", rule: "#e2e1db", line: "#8a8c94", paper: "#ffffff" };
const DARK = { ink: "#e3e4e8", rule: "#2d313a", line: "#7c818d", paper: "#14161b" };

function coloursOfPage() {
  return document.documentElement.dataset.bsTheme === "dark" ? DARK : LIGHT;
}

/** The layout in the page's colours; the figure's own choices stay. */
function dressed(layout, colours, width) {
  const narrow = width < 520;
  const dress = structuredClone(layout || {});
  delete dress.template;
  delete dress.width;
  dress.autosize = true;
  dress.paper_bgcolor = "rgba(0,0,0,0)";
  dress.plot_bgcolor = "rgba(0,0,0,0)";
  dress.font = { family: getComputedStyle(document.body).fontFamily, size: 13, ...dress.font, color: colours.ink };
  dress.colorway ||= ["#3d63d2", "#d1702b", "#2f9163", "#a6478f", "#8a7a16", "#3a97ab", "#c24a4a", "#6d6f78"];
  dress.margin = narrow ? { l: 52, r: 12, t: 16, b: 48, ...dress.margin } : { l: 68, r: 24, t: 24, b: 56, ...dress.margin };
  dress.legend = { bgcolor: "rgba(0,0,0,0)", ...dress.legend };
  if (narrow) Object.assign(dress.legend, { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" });
  dress.hoverlabel = { namelength: -1, ...dress.hoverlabel };
  for (const name of axesOf(dress)) {
    dress[name] = { zeroline: false, showline: true, ticks: "outside", ticklen: 4, ...dress[name] };
    Object.assign(dress[name], { gridcolor: colours.rule, linecolor: colours.line, tickcolor: colours.line });
    dress[name].automargin = true;
  }
  if (narrow) separateTitles(dress);
  return dress;
}

/** Titles of panels above each other would run into each other on a phone: smaller, in two lines, the lower panel higher. */
function separateTitles(dress) {
  const panels = axesOf(dress).filter((name) => name.startsWith("y") && dress[name].domain && !dress[name].overlaying);
  if (panels.length !== 2) return;
  const [lower, upper] = panels.sort((a, b) => dress[a].domain[0] - dress[b].domain[0]);
  Object.assign(dress[lower], { domain: [0, Math.max(0.3, dress[lower].domain[1])], nticks: 3 });
  Object.assign(dress[upper], { domain: [Math.max(0.4, dress[upper].domain[0]), 1] });
  for (const name of panels) {
    const text = dress[name].title?.text;
    if (text) dress[name].title = { ...dress[name].title, text: inTwoLines(text), font: { size: 11 } };
  }
}

function inTwoLines(text) {
  const spaces = [...text.matchAll(/ /g)].map((found) => found.index);
  if (plain(text).length < 12 || spaces.length === 0 || text.includes("<")) return text;
  const middle = spaces.sort((a, b) => Math.abs(a - text.length / 2) - Math.abs(b - text.length / 2))[0];
  return `${text.slice(0, middle)}<br>${text.slice(middle + 1)}`;
}

function axesOf(layout) {
  return [...new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name))])];
}

// --- The numbers of what is drawn ---------------------------------------------------------------------------------------

const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const plain = (html) => String(html ?? "").replace(/<sup>(.*?)<\/sup>/g, "^$1").replace(/<[^>]*>/g, "");

function axisTitle(layout, reference, letter) {
  const axis = layout[`${letter}axis${(reference || letter).slice(1)}`];
  return plain(axis?.title?.text ?? axis?.title ?? letter);
}

function columnsOf(trace, layout) {
  if (trace.type === "heatmap") {
    const along = axisTitle(layout, trace.yaxis, "y");
    return [[axisTitle(layout, trace.xaxis, "x"), trace.x], ...Array.from(trace.z, (row, k) => [`${along} ${trace.y[k]}`, row])];
  }
  const columns = [
    [axisTitle(layout, trace.xaxis, "x"), trace.x],
    [axisTitle(layout, trace.yaxis, "y"), trace.y],
  ];
  if (trace.error_x?.visible && trace.error_x.array) columns.push([`u(${columns[0][0]})`, trace.error_x.array]);
  if (trace.error_y?.visible && trace.error_y.array) columns.push([`u(${columns[1][0]})`, trace.error_y.array]);
  if (Array.isArray(trace.text) && trace.text.length === trace.x?.length) columns.push(["label", trace.text]);
  return columns;
}

/** Long CSV: one row per drawn point; curves that are switched off in the legend are left out. */
function csvOf(area) {
  const layout = area._fullLayout;
  const shown = area._fullData.filter((trace) => trace.visible === true && (trace.x || trace.y));
  const header = ["curve", ...new Set(shown.flatMap((trace) => columnsOf(trace, layout).map(([title]) => title)))];
  const lines = [header.map(quoted).join(",")];
  for (const trace of shown) {
    const columns = new Map(columnsOf(trace, layout));
    const n = Math.max(trace.x?.length ?? 0, trace.y?.length ?? 0);
    for (let i = 0; i < n; i += 1) {
      const row = header.map((title, at) => (at === 0 ? plain(trace.name) : columns.get(title)?.[i] ?? ""));
      lines.push(row.map((value) => quoted(String(value))).join(","));
    }
  }
  return lines.join("\r\n") + "\r\n";
}

// --- One figure -------------------------------------------------------------------------------------------------------

class Plot {
  constructor(element) {
    this.element = element;
    this.area = element.querySelector("[data-plot-area]");
    this.name = (element.dataset.name || "figure").replace(/[^\p{L}\p{N}._-]+/gu, "_");
    element.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    document.addEventListener("qdlab:theme", () => this.figure && this.draw());
  }

  async load(source) {
    try {
      const [figure, Plotly] = await Promise.all([figureOf(source), plotly()]);
      this.figure = { ...figure, data: drawable(figure.data) };
      this.Plotly = Plotly;
      await this.draw();
    } catch (problem) {
      console.error(problem);
      const wait = this.area.querySelector("[data-plot-wait]");
      if (wait) wait.textContent = text("plot_failed");
      else notice(text("plot_failed"));
    }
  }

  async draw() {
    if (!this.area.isConnected) return;
    const layout = dressed(this.figure.layout, coloursOfPage(), this.area.clientWidth);
    const logButton = this.element.querySelector("[data-plot-log]");
    if (logButton) {
      this.log ??= this.figure.layout?.yaxis?.type === "log";
      layout.yaxis.type = this.log ? "log" : "linear";
      if (this.log !== (this.figure.layout?.yaxis?.type === "log")) delete layout.yaxis.range;
      logButton.setAttribute("aria-pressed", String(this.log));
    }
    if (!this.drawn) this.area.replaceChildren();
    this.drawn = true;
    const config = { responsive: true, displaylogo: false, displayModeBar: false, doubleClick: "reset+autosize" };
    config.edits = { shapePosition: "plotLines" in this.element.dataset };
    await this.Plotly.react(this.area, this.figure.data, layout, { ...config, ...this.figure.config });
    if (this.figure.frames) await this.Plotly.addFrames(this.area, this.figure.frames);
    this.element.dataset.plotDrawn = "true";
    this.element.dispatchEvent(new CustomEvent("qdlab:plot", { bubbles: true, detail: this.area }));
  }

  async pressed(button) {
    if (!button) return;
    if (button.dataset.plotView) {
      for (const other of this.element.querySelectorAll("[data-plot-view]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      this.log = undefined;
      await this.load(button.dataset.plotView);
    } else if ("plotLog" in button.dataset && this.figure) {
      this.log = !this.log;
      await this.draw();
    } else if (button.dataset.plotSave && this.figure) {
      await this.take(button.dataset.plotSave);
    }
  }

  async take(kind) {
    if (kind === "csv") return save(`${this.name}.csv`, new Blob(["\ufeff", csvOf(this.area)], { type: "text/csv" }));
    // A figure that leaves the page goes onto white paper, with what is zoomed and switched off as it is on the screen.
    const { width, height } = this.area.getBoundingClientRect();
    const layout = { ...dressed(this.area.layout, LIGHT, width), paper_bgcolor: LIGHT.paper, width, height };
    const size = { format: kind, width, height, scale: kind === "png" ? 3 : 1 };
    const address = await this.Plotly.toImage({ data: this.area.data, layout }, size);
    save(`${this.name}.${kind}`, contentOf(address));
  }
}

/** The bytes behind a data: address (the CSP allows no request to one). */
function contentOf(address) {
  const [head, body] = [address.slice(0, address.indexOf(",")), address.slice(address.indexOf(",") + 1)];
  const type = head.slice(5).split(";")[0];
  if (!head.endsWith(";base64")) return new Blob([decodeURIComponent(body)], { type });
  return new Blob([Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0))], { type });
}

onEach("[data-plot]", (element) => {
  const plot = new Plot(element);
  const source = element.dataset.figure || element.dataset.figureUrl;
  if (source) plot.load(source);
});
