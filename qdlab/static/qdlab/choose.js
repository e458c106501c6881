// Points and windows chosen on a figure fill the settings of the analysis; nothing is computed before its form is sent.
//
// <fieldset data-choose="id of the figure" data-form="id" data-details="id" data-said-…="sentences">
//   data-choose-mouse: draw over ranges, press points, drag the window's two lines
//   data-choose-from, data-choose-to: the same by keyboard
//   data-choose-out="setting": the range joins those left out; data-choose-window="from,to": it becomes the window
//   data-choose-baseline="setting": the range joins those of the baseline; data-choose-component="setting": its middle is a band
// Curves whose trace carries {meta: "setting", customdata: numbers} take the numbers of their points instead of a range.

import { onEach } from "qdlab/page";
import { plotly } from "qdlab/plotly";

const number = (written) => {
  const value = Number.parseFloat(written.trim().replace(",", "."));
  return Number.isFinite(value) ? value : null;
};
const rounded = (value) => String(Number(value.toPrecision(6)));

class Choosing {
  constructor(element) {
    this.element = element;
    this.figure = document.getElementById(element.dataset.choose);
    this.form = document.getElementById(element.dataset.form);
    if (!this.figure || !this.form) return;
    this.mouse = element.querySelector("[data-choose-mouse]");
    this.from = element.querySelector("[data-choose-from]");
    this.to = element.querySelector("[data-choose-to]");
    this.out = element.querySelector("[data-choose-out]");
    this.window = element.querySelector("[data-choose-window]");
    if (this.window) this.figure.dataset.plotLines = "";
    this.mouse.addEventListener("click", () => this.switch());
    this.out?.addEventListener("click", () => this.leaveOut());
    this.window?.addEventListener("click", () => this.useWindow());
    element.querySelector("[data-choose-baseline]")?.addEventListener("click", (event) => this.addRange(event.currentTarget.dataset.chooseBaseline, "baseline"));
    element.querySelector("[data-choose-component]")?.addEventListener("click", (event) => this.addMiddle(event.currentTarget.dataset.chooseComponent));
    this.figure.addEventListener("qdlab:plot", (event) => this.drawn(event.detail));
    if (this.figure.dataset.plotDrawn) this.drawn(this.figure.querySelector("[data-plot-area]"));
  }

  get on() {
    return this.mouse.getAttribute("aria-pressed") === "true";
  }

  /** Every figure is drawn anew when the view or the theme changes; listeners and lines come back then. */
  drawn(area) {
    if (this.area !== area) {
      this.area = area;
      area.on("plotly_selected", (event) => event && this.selected(event));
      area.on("plotly_click", (event) => this.on && this.selected({ points: event.points }));
      area.on("plotly_relayout", (changed) => this.dragged(changed));
    }
    if (this.on) this.prepare();
  }

  async switch() {
    this.mouse.setAttribute("aria-pressed", String(!this.on));
    await this.prepare();
  }

  /** Box selection and the lines of the window while one chooses; zooming otherwise. */
  async prepare() {
    if (!this.area) return;
    const Plotly = await plotly();
    const dragmode = this.from ? "select" : "lasso";
    const layout = { dragmode: this.on ? dragmode : "zoom", selectdirection: this.from ? "h" : "any", selections: [] };
    await Plotly.relayout(this.area, { ...layout, shapes: this.on && this.window ? this.lines() : [] });
    this.element.dataset.chooseOn = String(this.on);
  }

  lines() {
    const [low, high] = [...this.area._fullLayout.xaxis.range].sort((a, b) => a - b);
    const style = { color: "#D55E00", width: 3, dash: "dash" };
    return this.windowFields().map((field, i) => {
      const x = number(field.value) ?? (i ? high - 0.02 * (high - low) : low + 0.02 * (high - low));
      return { type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: style };
    });
  }

  windowFields() {
    return this.window.dataset.chooseWindow.split(",").map((name) => this.form.elements[name]);
  }

  otherView() {
    const views = [...this.figure.querySelectorAll("[data-plot-view]")];
    const other = views.length > 0 && views[0].getAttribute("aria-pressed") !== "true";
    if (other) this.say(this.element.dataset.saidView);
    return other;
  }

  selected({ range, lassoPoints, points = [] }) {
    if (this.otherView()) return;
    if (!this.from) return this.leaveCurvePointsOut(points);
    const along = range?.x ?? lassoPoints?.x ?? points.slice(0, 1).map((point) => point.x);
    if (along.length === 0) return;
    this.from.value = rounded(Math.min(...along));
    this.to.value = along.length > 1 ? rounded(Math.max(...along)) : "";
  }

  dragged(changed) {
    if (!this.window || !this.on) return;
    for (const [i, field] of this.windowFields().entries()) {
      const x = changed[`shapes[${i}].x0`] ?? changed[`shapes[${i}].x1`];
      if (x === undefined || this.otherView()) continue;
      field.value = rounded(x);
      this.ready(this.element.dataset.saidWindow, this.windowFields().map((one) => one.value || "…").join("–"));
      this.prepare(); // a line that was tilted stands upright again
    }
  }

  chosen() {
    const first = number(this.from.value);
    const last = this.to.value.trim() ? number(this.to.value) : first;
    if (first === null || last === null) {
      this.say(this.element.dataset.saidRange);
      this.from.focus();
      return null;
    }
    return [Math.min(first, last), Math.max(first, last)];
  }

  leaveOut() {
    this.addRange(this.out.dataset.chooseOut, "out");
  }

  addRange(setting, kind) {
    const range = this.chosen();
    if (range) this.add(setting, range[0] === range[1] ? String(range[0]) : range.join("-"), kind);
  }

  addMiddle(setting) {
    const range = this.chosen();
    if (!range) return;
    this.nameTheOthers(setting);
    this.add(setting, rounded((range[0] + range[1]) / 2), "component");
  }

  /** A band joins those of the fit as it stands; without these, it would be the only one. */
  nameTheOthers(setting) {
    const field = this.form.elements[setting];
    if (!field.value.trim()) field.value = this.element.dataset.chooseBands ?? "";
  }

  leaveCurvePointsOut(points) {
    for (const point of points) {
      if (point.data.meta && point.customdata !== undefined) this.add(point.data.meta, String(point.customdata));
    }
  }

  add(setting, range, kind = "out") {
    const field = this.form.elements[setting];
    const mark = field.value.includes(";") ? "; " : ", ";
    const there = field.value.split(mark.trim()).map((one) => one.trim());
    if (!there.includes(range)) field.value = field.value.trim() ? `${field.value.trim()}${mark}${range}` : range;
    const said = { out: "saidOut", baseline: "saidBaseline", component: "saidComponent" }[kind];
    this.ready(this.element.dataset[said], range);
  }

  useWindow() {
    const range = this.chosen();
    if (!range || range[0] === range[1]) return this.say(this.element.dataset.saidRange);
    for (const [i, field] of this.windowFields().entries()) field.value = String(range[i]);
    this.ready(this.element.dataset.saidWindow, range.join("–"));
    if (this.on) this.prepare();
  }

  ready(sentence, range) {
    document.getElementById(this.element.dataset.details).open = true;
    this.element.querySelector("[data-choose-compute]").hidden = false;
    this.say(sentence.replace("{range}", range));
  }

  say(sentence) {
    this.element.querySelector("[data-choose-said]").textContent = sentence;
  }
}

onEach("[data-choose]", (element) => new Choosing(element));
