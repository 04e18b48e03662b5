// The sections of the page of a fleet manager.

const at = (file, name) => () => import(file).then((module) => module[name]);

export const name = "Fleet manager";

export const sections = [
  { title: "Overview", path: "/", routes: [["/", at("./overview.js", "overview")]] },
  { title: "Agents", path: "/agents", routes: [["/agents", at("./agents.js", "agents")], ["/agents/:uid", at("./agent.js", "agent")]] },
  {
    title: "Configurations", path: "/configs",
    routes: [
      ["/configs", at("./configs.js", "configs")], ["/configs/:name", at("./config.js", "config")],
      ["/configs/:name/edit", at("./config-editor.js", "editConfig")], ["/configs/:name/:number", at("./config.js", "revision")],
    ],
  },
  { title: "What runs", path: "/variants", routes: [["/variants", at("./variants.js", "variants")], ["/variants/:hash", at("./variants.js", "variant")]] },
  {
    title: "Rollouts", path: "/rollouts",
    routes: [["/rollouts", at("./rollouts.js", "rollouts")], ["/rollouts/new", at("./rollout-start.js", "startRollout")], ["/rollouts/:id", at("./rollout.js", "rollout")]],
  },
  { title: "Plans", path: "/plans", routes: [["/plans", at("./plans.js", "plans")]] },
  { title: "Packages", path: "/packages", routes: [["/packages", at("./packages.js", "packages")], ["/packages/:name", at("./packages.js", "packageSet")]] },
  { title: "Groups", path: "/groups", routes: [["/groups", at("./groups.js", "groups")]] },
  { title: "Enrollment", path: "/enrollment", routes: [["/enrollment", at("./enrollment.js", "enrollment")]] },
  { title: "Tokens", path: "/tokens", needs: "manage-tokens", routes: [["/tokens", at("./tokens.js", "tokens")]] },
  {
    title: "Webhooks", path: "/webhooks", needs: "manage-webhooks",
    routes: [["/webhooks", at("./webhooks.js", "webhooks")], ["/webhooks/:name", at("./webhooks.js", "webhook")]],
  },
  { title: "Events", path: "/events", routes: [["/events", at("./events.js", "events")]] },
  { title: "Audit", path: "/audit", needs: "read-audit", routes: [["/audit", at("./audit.js", "audit")]] },
];
