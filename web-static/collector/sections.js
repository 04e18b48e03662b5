// The sections of the page of one collector.

const at = (file, name) => () => import(file).then((module) => module[name]);

export const name = "Collector";

export const sections = [
  { title: "Pipelines", path: "/", routes: [["/", at("./pipelines.js", "pipelines")]] },
  {
    title: "Components", path: "/components",
    routes: [["/components", at("./components.js", "components")], ["/components/:kind/:id", at("./component.js", "component")]],
  },
  {
    title: "Configuration", path: "/configuration",
    routes: [
      ["/configuration", at("./configuration.js", "configuration")],
      ["/configuration/revisions", at("./revisions.js", "revisions")],
      ["/configuration/revisions/:id", at("./revisions.js", "revision")],
    ],
  },
  { title: "Live telemetry", path: "/tap", needs: "operate", routes: [["/tap", at("./tap.js", "tap")]] },
  { title: "Drops", path: "/drops", needs: "operate", routes: [["/drops", at("./drops.js", "drops")]] },
  { title: "Dead letters", path: "/dead-letters", routes: [["/dead-letters", at("./dead-letters.js", "deadLetters")]] },
  { title: "Events", path: "/events", routes: [["/events", at("./events.js", "events")]] },
  { title: "Process", path: "/process", routes: [["/process", at("./process.js", "process")]] },
];
