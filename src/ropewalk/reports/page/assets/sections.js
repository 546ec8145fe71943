// Figures of sections of one's own: one that cannot be drawn says so, and harms no other.
function ownFigures() {
  for (const element of all("[data-figure]")) {
    const failed = (error) => { element.textContent = `This figure cannot be drawn: ${error.message}`; };
    try {
      const { data: traces, layout: asked } = JSON.parse(element.dataset.figure);
      Plotly.newPlot(element, traces, asked, { responsive: true, displaylogo: false }).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
