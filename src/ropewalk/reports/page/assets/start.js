// First what opens the page to a reader: the charts in sight. What stands further down follows once they are painted.
async function start() {
  const [columns, script] = await Promise.all([columnsOf("columns"), unpacked("plotly")]);
  data = columns;
  document.head.append(made("script", { textContent: new TextDecoder().decode(script) }));
  performance();
  await new Promise((done) => setTimeout(done));
  decisions();
  stored();
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
