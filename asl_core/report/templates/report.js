"use strict";

const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const toolBar = { displaylogo: false, modeBarButtons: [["toImage"]], responsive: true };

function draw(mode) {
  for (const [key, figure] of Object.entries(figures)) {
    Plotly.react(`figure-${key}`, figure[mode].data, figure[mode].layout, toolBar);
  }
}

function drawAsSeen() {
  draw(dark.matches ? "dark" : "light");
}

async function unpack(id) {
  const packed = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

unpack("plotly").then((code) => {
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
  drawAsSeen();
  dark.addEventListener("change", drawAsSeen);
  addEventListener("beforeprint", () => draw("light"));
  addEventListener("afterprint", drawAsSeen);
});
