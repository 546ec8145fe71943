// First the tables, which need only the columns; then the charts, which need Plotly.
async function start() {
  data = await columnsOf("columns");
  decisions();
  stored();
  const script = made("script", { textContent: new TextDecoder().decode(await unpacked("plotly")) });
  document.head.append(script);
  performance();
  conflicts();
  symbols();
  ownFigures();
  modes();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  const told = find("#failure");
  told.textContent = `Charts and tables cannot be shown: ${error.message}. They need a browser of 2023 or later.`;
  told.hidden = false;
  console.error(error);
});
