// Plotly under our Content-Security-Policy, which allows no inline style that lacks the page's nonce.
//
// Plotly 3 and 4 break it in three places, each of which has an equivalent that is allowed:
// - while it loads it adds style elements: they get the nonce of the page's own (empty) one;
// - it sets style *attributes* on SVG text (superscripts): style.cssText does the same;
// - scattergl compiles shaders with Function(): its curves are drawn as SVG.

let library;

/** Plotly, loaded once and only on pages with a figure. */
export function plotly() {
  library ||= new Promise((resolve, reject) => {
    allowSvgStyles();
    const restore = giveStylesTheNonce(document.getElementById("plotly.js-style-global")?.nonce || "");
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="plotly"]').content;
    script.addEventListener("load", () => {
      restore();
      resolve(window.Plotly);
    });
    script.addEventListener("error", (problem) => {
      restore();
      library = undefined; // the next attempt asks the server again
      reject(problem);
    });
    document.head.append(script);
  });
  return library;
}

function giveStylesTheNonce(nonce) {
  const create = document.createElement;
  document.createElement = function (name, ...rest) {
    const element = create.call(this, name, ...rest);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };
  return () => delete document.createElement; // uncovers the prototype's own
}

function allowSvgStyles() {
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}

/** The curves of a figure, with those that would need eval drawn as SVG. */
export function drawable(traces) {
  return (traces || []).map((trace) => (trace.type === "scattergl" ? { ...trace, type: "scatter" } : trace));
}
