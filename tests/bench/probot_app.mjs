// An app that answers labelled issues with nothing, as `probot run` would serve it.
import { run } from "probot";

await run((app) => {
  app.on("issues.labeled", async () => {});
});
