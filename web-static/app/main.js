// Where the page begins: finds out what server it is from, lets people log in, and shows the frame around all views.

import { get, onUnauthenticated, Problem } from "./api.js";
import { h, show } from "./element.js";
import { Frame } from "./frame.js";
import { login } from "./login.js";
import { Router } from "./router.js";
import { takeTokenFromAddress, setToken } from "./session.js";
import { startTheme } from "./theme.js";
import { problem } from "../ui/problem.js";

const SUBJECTS = {
  collector: () => import("../collector/sections.js"),
  fleet: () => import("../fleet/sections.js"),
};

let router = null;

async function start() {
  startTheme();
  takeTokenFromAddress();
  const { subject } = await get("/page/subject.json");
  const { sections, name } = await SUBJECTS[subject]();
  let caller;
  try {
    caller = await get("/v1/whoami");
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    return login(document.body, name, start);
  }
  const build = await get("/v1/build");
  const frame = new Frame({ name, build, caller, sections, onLogout: logout });
  show(document.body, frame.elements);
  router = new Router(frame.place, sections.flatMap((section) => section.routes), {
    onChange: (path) => frame.mark(path),
    onError: (error) => show(frame.place, problem(error)),
  });
  await router.go();
}

function logout() {
  setToken(null);
  router?.stop();
  start();
}

onUnauthenticated(() => {
  if (!router) return;
  router.stop();
  router = null;
  setToken(null);
  start();
});

start().catch((error) => show(document.body, h("main", { class: "alone" }, problem(error))));
