const url = (process.env.GATEWAY ?? "http://127.0.0.1:8019") + "/projections/rescued-by-nationality/events";
let text = "";
for await (const chunk of (await fetch(url)).body.pipeThrough(new TextDecoderStream())) {
  const events = (text + chunk).split("\n\n");
  text = events.pop();
  for (const event of events.filter((each) => each.includes("event: row\n"))) {
    const row = JSON.parse(event.match(/^data: (.*)$/m)[1]);
    console.log(row.label, row.low, row.best, row.high);
  }
}
